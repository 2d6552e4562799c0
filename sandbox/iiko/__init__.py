"""A stateful iiko stand-in: the Cloud API as far as orders and guests go, and its webhooks."""

from sandbox.iiko.server import IikoSandbox

__all__ = ["IikoSandbox"]
