"""A stateful Twenty stand-in: its REST API, its metadata, its webhooks and its failures."""

from sandbox.twenty.server import TwentySandbox

__all__ = ["TwentySandbox"]
