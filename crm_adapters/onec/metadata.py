"""$metadata of a base: which attributes an object has. It may be tens of megabytes, so it is read through
once, and only what concerns us is kept. Pure."""

from collections.abc import Collection, Mapping
from xml.parsers import expat

from crm_adapters.http import Answer
from crm_adapters.xml_answers import local

MOST = 64 * 1024 * 1024
SECONDS = 180.0


class _Reader:
    def __init__(self, wanted: Collection[str]) -> None:
        self.found: dict[str, set[str]] = {}
        self._wanted, self._here = wanted, ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "EntityType" and attributes.get("Name") in self._wanted:
            self._here = attributes["Name"]
            self.found[self._here] = set()
        elif name in ("Property", "NavigationProperty") and self._here:
            self.found[self._here].add(attributes.get("Name", ""))

    def end(self, tag: str) -> None:
        if local(tag) == "EntityType":
            self._here = ""

    def refuse(self, *_: object) -> None:
        raise ValueError("a document type is not read")


def attributes_of(answer: Answer, wanted: Collection[str]) -> Mapping[str, set[str]]:
    """Object -> its attributes, of the wanted ones that are there. Raises ValueError."""
    reader, parser = _Reader(wanted), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(answer.body, True)
    except (expat.ExpatError, LookupError):
        raise ValueError("not XML") from None
    return reader.found
