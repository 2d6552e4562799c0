"""CRMs as the product sees them. A new one is a folder here and a line in PROVIDERS."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crm_adapters import mapping
from crm_adapters.amocrm.adapter import PROVIDER as AMOCRM
from crm_adapters.base import Connection, Provider
from crm_adapters.bitrix24.adapter import PROVIDER as BITRIX24
from crm_adapters.credentials import Renew
from crm_adapters.espocrm.adapter import PROVIDER as ESPOCRM
from crm_adapters.http import CrmHttp
from crm_adapters.retailcrm.adapter import PROVIDER as RETAILCRM
from domain.errors import CrmUnsupported

PROVIDERS: Mapping[str, Provider] = {
    "espocrm": ESPOCRM,
    "bitrix24": BITRIX24,
    "retailcrm": RETAILCRM,
    "amocrm": AMOCRM,
}


def provider(name: str) -> Provider:
    """The provider of that name. Raises CrmUnsupported."""
    found = PROVIDERS.get(name)
    if found is None:
        raise CrmUnsupported("unknown provider")
    return found


def build_adapter(
    provider_name: str,
    settings: Mapping[str, str],
    mapping_overrides: Mapping[str, Any],
    http: CrmHttp,
    now: Callable[[], datetime],
    renew: Renew | None = None,
) -> Any:
    """An adapter of one integration; ask isinstance(adapter, base.Leads) and the like what it can do.

    Adapters keep nothing but short-lived knowledge of the CRM's fields: build one per integration and
    share it between tasks. Raises CrmUnsupported for an unknown provider, BadInput for a setting or a
    mapping that cannot work.
    """
    kind = provider(provider_name)
    kind.check_settings(settings)
    merged = mapping.overlay(kind.default_mapping, mapping_overrides)
    return kind.build(Connection(settings, merged, http, now, renew))
