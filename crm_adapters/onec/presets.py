"""The documents that are purchases, out of presets.toml and an organization's overlay of it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from domain.errors import BadInput

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("presets.toml"))
KINDS = ("sale", "refund")


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document; of every list of attributes the first one that is there and filled counts."""

    name: str
    title: str
    kind: str
    amount: tuple[str, ...]
    customer: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    refund_field: str = ""
    refund_values: tuple[str, ...] = ()
    chosen_only: bool = False


@dataclass(frozen=True, slots=True)
class Presets:
    """The whole of presets.toml; `customers` leads from an attribute to the catalog of its rows."""

    documents: Mapping[str, Document]
    customers: Mapping[str, str]
    contacts: Mapping[str, Any]
    line: Mapping[str, Sequence[str]]
    currencies: str
    items: str
    words: Mapping[str, Sequence[str]]

    def read_from(self, published: Collection[str], chosen: Sequence[str]) -> tuple[Document, ...]:
        """The documents to read, in the presets' order: those that are published, or the chosen ones among
        them. A chosen one that the presets do not know is read as a sale by the usual names."""
        if chosen:
            return tuple(self.documents.get(name) or usual(name) for name in chosen if name in published)
        known = self.documents.values()
        return tuple(one for one in known if one.name in published and not one.chosen_only)


def usual(name: str) -> Document:
    """A document of the customer's own making: what nearly all of them call so."""
    sale = next(Document(**_document(key, one)) for key, one in DEFAULT_MAPPING["documents"].items())
    return Document(name, name.partition("_")[2], "sale", sale.amount, sale.customer, currency=sale.currency,
                    lines=sale.lines)  # fmt: skip


def presets_of(mapping: Mapping[str, Any]) -> Presets:
    """Raises BadInput("mapping", "invalid") with the place of the first thing that cannot be."""
    documents = {}
    for name, given in mapping.get("documents", {}).items():
        if not isinstance(given, Mapping) or not str(name).isidentifier():
            raise BadInput("mapping", "invalid", at=f"documents.{name}")
        try:
            documents[name] = Document(**_document(name, given))
        except TypeError:
            raise BadInput("mapping", "invalid", at=f"documents.{name}") from None
        if documents[name].kind not in KINDS or not documents[name].amount:
            raise BadInput("mapping", "invalid", at=f"documents.{name}.kind")
    return Presets(
        documents,
        dict(mapping.get("customers", {})),
        dict(mapping.get("contacts", {})),
        dict(mapping.get("line", {})),
        str(mapping.get("currencies", {}).get("catalog", "")),
        str(mapping.get("items", {}).get("catalog", "")),
        dict(mapping.get("words", {})),
    )


def _document(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return {"title": name.partition("_")[2], "amount": (), "kind": "sale", **made, "name": name}
