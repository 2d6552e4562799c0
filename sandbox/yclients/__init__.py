"""A stateful YCLIENTS stand-in: its REST API v1 as far as visits, money and clients go, and its webhooks."""

from sandbox.yclients.server import YclientsSandbox

__all__ = ["YclientsSandbox"]
