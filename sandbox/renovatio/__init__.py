"""A stateful MIS Renovatio stand-in: its API, its notifications and its failures."""

from sandbox.renovatio.server import RenovatioSandbox

__all__ = ["RenovatioSandbox"]
