"""/hooks: webhooks that are sent to an organization's own programs."""
