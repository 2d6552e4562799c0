"""OData's Atom, which platforms before 8.3.6 answer with in any case, read as JSON would be. Pure."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element


def records_of(answer: Any) -> list[Any]:
    """The records of a list, in JSON or Atom. Raises ValueError for anything else."""
    if isinstance(answer, dict) and isinstance(answer.get("value"), list):
        return list(answer["value"])
    if isinstance(answer, Element) and answer.tag in ("feed", "entry"):
        return [_properties(one) for one in answer.iter("properties")]
    raise ValueError("no list")


def record_of(answer: Any) -> dict[str, Any]:
    """A single record. Raises ValueError."""
    if isinstance(answer, dict) and "Ref_Key" in answer:
        return answer
    if isinstance(answer, Element):
        return next((_properties(one) for one in answer.iter("properties")), {})
    raise ValueError("no record")


def sets_of(answer: Any) -> list[str]:
    """Names of the published objects, out of a service document. Raises ValueError."""
    if isinstance(answer, dict) and isinstance(answer.get("value"), list):
        return [str(one["name"]) for one in answer["value"] if isinstance(one, dict) and one.get("name")]
    if isinstance(answer, Element) and answer.tag == "service":
        return [one.get("href", "") for one in answer.iter("collection")]
    raise ValueError("no service document")


def _properties(element: Element) -> dict[str, Any]:
    return dict(_property(one) for one in element)


def _property(element: Element) -> tuple[str, Any]:
    if element.get("type", "").startswith("Collection(") or any(one.tag == "element" for one in element):
        return element.tag, list(_rows(element))
    return element.tag, {"true": True, "false": False}.get(element.text or "", element.text or "")


def _rows(element: Element) -> Iterator[dict[str, Any]]:
    for row in element:
        if row.tag == "element":
            yield _properties(row)
