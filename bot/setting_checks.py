"""What single settings must be, beyond their shape. Every check raises ValueError."""

import re
from collections.abc import Set
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from domain.errors import BadInput
from storage.files.address import read_address
from storage.secrets import Vault


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError from error
    return value


def allow(value: tuple[str, ...]) -> tuple[str, ...]:
    from crm_adapters.egress import read_allow

    try:
        read_allow(value)
    except BadInput as error:
        raise ValueError from error
    return value


def keys(*keys: str) -> None:
    try:
        for key in keys:
            Vault(key)
    except BadInput as error:
        raise ValueError from error


def key(value: str) -> str:
    keys(value)
    return value


def old_keys(value: tuple[str, ...]) -> tuple[str, ...]:
    keys(*value)
    return value


def files(value: str) -> str:
    read_address(value)
    return value


def origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not re.fullmatch(r"https?://[^\s/?#@,]+|\*", one):
            raise ValueError
    return value


def networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        ip_network(one)
    return value


def regions() -> Set[str]:
    """Countries whose phones we can read."""
    from phonenumbers import SUPPORTED_REGIONS

    found: Set[str] = SUPPORTED_REGIONS
    return found
