"""A stateful amoCRM (Kommo) stand-in: API v4, OAuth, limits, webhooks and failures."""

from sandbox.amocrm.server import AmoSandbox

__all__ = ["AmoSandbox"]
