"""Groups and topics: binding them to pipelines, and the leads that are shown there."""
