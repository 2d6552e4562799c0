"""A stateful stand-in of S3-compatible storage."""
