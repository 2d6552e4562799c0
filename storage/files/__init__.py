"""Where the bytes of files are kept: a folder, or a bucket of any S3-compatible storage."""
