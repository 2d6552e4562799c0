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
from crm_adapters.pace import PacedHttp, Paces, account_of
from crm_adapters.retailcrm.adapter import PROVIDER as RETAILCRM
from crm_adapters.twenty.adapter import PROVIDER as TWENTY
from domain.errors import CrmUnsupported

PROVIDERS: Mapping[str, Provider] = {
    "espocrm": ESPOCRM,
    "bitrix24": BITRIX24,
    "retailcrm": RETAILCRM,
    "amocrm": AMOCRM,
    "twenty": TWENTY,
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
    paces: Paces | None = None,
) -> Any:
    """An adapter of one integration; ask isinstance(adapter, base.Leads) and the like what it can do.

    Adapters keep nothing but short-lived knowledge of the CRM's fields: build one per integration and
    share it between tasks. With `paces` every request waits for its account's turn. Raises CrmUnsupported
    for an unknown provider, BadInput for a setting or a mapping that cannot work.
    """
    kind = provider(provider_name)
    kind.check_settings(settings)
    merged = mapping.overlay(kind.default_mapping, mapping_overrides)
    account = account_of(provider_name, settings)
    if paces is not None and account:
        http = PacedHttp(http, paces.lane(account, kind.manifest.pace))
    return kind.build(Connection(settings, merged, http, now, renew))
