"""CRMs as the product sees them. A new one is a folder here and its name in NAMES, or in
SOURCES where purchases come from it and no lead goes there.

An adapter is loaded when it is asked for: most installations have one CRM, some have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from domain.errors import CrmUnsupported

if TYPE_CHECKING:
    from crm_adapters.base import Parse, Provider, Verify
    from crm_adapters.credentials import Renew
    from crm_adapters.http import CrmHttp
    from crm_adapters.pace import Paces

NAMES = ("espocrm", "bitrix24", "retailcrm", "amocrm", "twenty")
SOURCES = ("yclients", "iiko", "onec", "renovatio", "custom")
_ALL = (*NAMES, *SOURCES)


@dataclass(frozen=True, slots=True)
class Letters:
    """Whether a delivery is theirs, and what it says: as in Provider, pure."""

    verify: Verify
    parse: Parse
    introduced: Callable[[bytes], str] | None


class _Providers(MutableMapping[str, "Provider"]):
    """Providers by name. Those that are not folders here may be added for as long as they are needed."""

    def __init__(self) -> None:
        self._added: dict[str, Provider] = {}

    def __setitem__(self, name: str, provider: Provider) -> None:
        self._added[name] = provider

    def __delitem__(self, name: str) -> None:
        del self._added[name]

    def __getitem__(self, name: str) -> Provider:
        if name in self._added:
            return self._added[name]
        if name not in _ALL:
            raise KeyError(name)
        found: Provider = import_module(f"crm_adapters.{name}.adapter").PROVIDER
        return found

    def __contains__(self, name: object) -> bool:
        return name in _ALL or name in self._added

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*_ALL, *self._added)))

    def __len__(self) -> int:
        return len({*_ALL, *self._added})

    def letters(self, name: str) -> Letters | None:
        """How deliveries of a provider are read, without all the rest of its adapter; None for an unknown
        one."""
        if name in self._added:
            known = self._added[name]
            return Letters(known.verify, known.parse, known.introduced)
        if name not in _ALL:
            return None
        module = import_module(f"crm_adapters.{name}.webhook")
        return Letters(module.verify, module.parse, getattr(module, "introduced", None))


PROVIDERS = _Providers()


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
    from crm_adapters import mapping
    from crm_adapters.base import Connection
    from crm_adapters.pace import PacedHttp, account_of

    kind = provider(provider_name)
    kind.check_settings(settings)
    merged = mapping.overlay(kind.default_mapping, mapping_overrides)
    account = account_of(provider_name, settings)
    if paces is not None and account:
        http = PacedHttp(http, paces.lane(account, kind.manifest.pace))
    return kind.build(Connection(settings, merged, http, now, renew))
