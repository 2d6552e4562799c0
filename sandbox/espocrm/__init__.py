"""A stateful EspoCRM stand-in: its API, its webhooks, its failures, and a page to look at it."""

from sandbox.espocrm.server import EspoSandbox

__all__ = ["EspoSandbox"]
