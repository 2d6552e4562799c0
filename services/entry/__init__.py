"""Who may enter besides keys: tokens, sessions that Telegram vouches for, second factors, and lock-outs."""
