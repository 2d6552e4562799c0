"""A stateful RetailCRM stand-in: its API v5, its triggers and its failures."""

from sandbox.retailcrm.server import RetailSandbox

__all__ = ["RetailSandbox"]
