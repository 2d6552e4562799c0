"""Which Protocols of crm_adapters.base an adapter fulfils, looked up once for its class: asking Python takes
longer than everything else that the product does before a call."""

from functools import lru_cache
from typing import Any


def offers(adapter: Any, capability: Any) -> bool:
    """Whether the adapter has the capability, as isinstance tells. An adapter has what its class has."""
    return _has(type(adapter), capability)  # type: ignore[arg-type]


def can(made: Any, capability: Any) -> bool:
    """The same of the class that a provider's adapters are built with."""
    return _has(made, capability)


@lru_cache(maxsize=512)
def _has(adapter: Any, capability: Any) -> bool:
    # the same question as isinstance asks of an instance; data members count when the class sets them
    return all(hasattr(adapter, name) for name in _members(capability))


@lru_cache(maxsize=64)
def _members(capability: Any) -> frozenset[str]:
    named = {*vars(capability), *getattr(capability, "__annotations__", {})}
    return frozenset(name for name in named if not name.startswith("_"))
