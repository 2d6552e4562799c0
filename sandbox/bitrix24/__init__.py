"""A stateful Bitrix24 stand-in: its REST API, its limits, its events and its failures."""

from sandbox.bitrix24.server import Bitrix24Sandbox

__all__ = ["Bitrix24Sandbox"]
