"""The fields of EspoCRM's Lead, out of its metadata and the texts of its language. Making fields is for
admins alone (`Admin/fieldManager`: 403 for API users), so the adapter does not offer it."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters.espocrm.api import EspoApi
from domain.crm import FieldType, RemoteField

TYPES: Mapping[str, FieldType] = {
    "varchar": FieldType.TEXT,
    "text": FieldType.TEXT,
    "wysiwyg": FieldType.TEXT,
    "url": FieldType.TEXT,
    "number": FieldType.TEXT,
    "int": FieldType.NUMBER,
    "float": FieldType.NUMBER,
    "currency": FieldType.MONEY,
    "date": FieldType.DATE,
    "datetime": FieldType.DATE,
    "datetimeOptional": FieldType.DATE,
    "bool": FieldType.YES_NO,
    "enum": FieldType.CHOICE,
    "enumInt": FieldType.CHOICE,
    "multiEnum": FieldType.CHOICES,
    "checklist": FieldType.CHOICES,
    "array": FieldType.CHOICES,
    "phone": FieldType.PHONE,
    "email": FieldType.EMAIL,
}
# What a mapping writes to in place of the field itself.
WRITTEN_AS = {"phone": "{}Data", "email": "{}Data", "link": "{}Id", "linkMultiple": "{}Ids"}
# Made of other fields: those are written.
COMPOSED = frozenset({"personName", "address", "currencyConverted", "map"})
LONGEST = {"varchar": 255, "url": 255}


async def lead_fields(api: EspoApi) -> list[RemoteField]:
    """In the order of the metadata; empty when the role may not see it. Titles are in the API user's
    language, the fields' names where the texts cannot be read."""
    found = await api.metadata("entityDefs.Lead.fields")
    texts = await api.get("I18n", {"scope": "Lead"})
    lead = texts.get("Lead", texts) if isinstance(texts, dict) else {}
    return list(_fields(found if isinstance(found, dict) else {}, lead if isinstance(lead, dict) else {}))


def _fields(found: Mapping[str, Any], texts: Mapping[str, Any]) -> Iterator[RemoteField]:
    titles, options = _table(texts, "fields"), _table(texts, "options")
    for name, one in found.items():
        if not isinstance(one, dict) or one.get("type") in COMPOSED or one.get("utility"):
            continue
        if one.get("disabled") or one.get("notStorable"):
            continue
        title = str(titles.get(name) or name)
        yield _field(name, one, title, _table(options, name))
        currency = f"{name}Currency"
        if one.get("type") == "currency" and currency not in found:
            yield RemoteField(currency, str(titles.get(currency) or f"{title}: currency"), FieldType.TEXT)


def _field(name: str, one: Mapping[str, Any], title: str, words: Mapping[str, Any]) -> RemoteField:
    kind = str(one.get("type"))
    listed = one.get("options") if isinstance(one.get("options"), list) else []
    longest = one.get("maxLength")
    written = WRITTEN_AS.get(kind, "{}").format(name)
    return RemoteField(
        name=written,
        title=title,
        type=TYPES.get(kind, FieldType.OTHER),
        required=bool(one.get("required")),
        custom=bool(one.get("isCustom")),
        writable=not one.get("readOnly"),
        options=tuple((str(value), str(words.get(value) or value)) for value in listed or () if value != ""),
        longest=longest if isinstance(longest, int) else LONGEST.get(kind, 0),
        also=(name,) if written != name else (),
    )


def _table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A branch of PHP's JSON, where an empty map is a list."""
    found = tree.get(key)
    return found if isinstance(found, dict) else {}
