"""A stateful 1C stand-in: a published base with OData, an HTTP service of its own, and its failures."""

from sandbox.onec.server import OneCSandbox

__all__ = ["OneCSandbox"]
