"""Stand-ins for the outside world: a local Telegram and CRM servers, met over HTTP alone."""
