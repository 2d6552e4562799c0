"""The standard OData interface (v3): service document, $metadata, lists, single objects, writes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from sandbox.exchange import Answer, Refusal
from sandbox.onec import seed
from sandbox.onec.answers import XML, feed, good, refusal
from sandbox.onec.filters import BadQuery, compiled, ordered
from sandbox.onec.state import Record, State

_ONE = re.compile(r"(?P<name>\w+)\(guid'(?P<key>[0-9a-fA-F-]{36})'\)(?:/(?P<rest>\w+))?")
_METHODS = ("Post", "Unpost")
BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">
<!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;">]><feed><entry>&z;</entry></feed>"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the interface: `path` is what follows odata/standard.odata/, decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    as_json: bool

    def refuse(self, status: int, code: int, text: str) -> Refusal:
        return refusal(status, code, text, as_json=self.as_json)


def answer(state: State, asked: Asked) -> Answer:
    """Raises Refusal."""
    if asked.path == "":
        return _service_document(state, asked)
    if asked.path == "$metadata":
        return _metadata(state)
    one = _ONE.fullmatch(asked.path)
    if one is not None:
        return _single(state, asked, one)
    name, _, rest = asked.path.partition("/")
    _check_published(state, asked, name)
    if rest == "$count":
        return Answer(raw=str(len(_found(state, asked, name))).encode(), content_type="text/plain")
    if rest:
        raise asked.refuse(404, 6, f"Неверный путь {asked.path}")
    if asked.method == "POST":
        return _created(state, asked, name)
    if asked.method != "GET":
        raise asked.refuse(405, 19, "Метод HTTP запрещён")
    return _listed(state, asked, name)


def _check_published(state: State, asked: Asked, name: str) -> None:
    if name not in state.published:
        raise asked.refuse(404, 8, f'Не найден тип сущности "{name}"')


def _metadata_url(state: State) -> str:
    return f"{state.base_url}/odata/standard.odata/$metadata"


def _service_document(state: State, asked: Asked) -> Answer:
    if asked.as_json:
        value = [{"name": name, "url": quote(name)} for name in state.published]
        return good({"odata.metadata": _metadata_url(state), "value": value})
    sets = "".join(f"<collection href={quoteattr(name)}/>" for name in state.published)
    return Answer(raw=f"<service><workspace>{sets}</workspace></service>".encode(), content_type=XML)


def _metadata(state: State) -> Answer:
    types = "".join(_entity_type(name, state.schema[name]) for name in state.published)
    sets = "".join(
        f"<EntitySet Name={quoteattr(name)} EntityType={quoteattr('StandardODATA.' + name)}/>"
        for name in state.published
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><edmx:Edmx Version="1.0" '
        'xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>'
        f'<Schema Namespace="StandardODATA">{types}<EntityContainer Name="EnterpriseV8">{sets}'
        "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )
    return Answer(raw=text.encode(), content_type=XML)


def _entity_type(name: str, known: Mapping[str, str]) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(attribute)} Type={quoteattr(_type(name, attribute, kind))}/>"
        for attribute, kind in known.items()
    )
    key = '<Key><PropertyRef Name="Ref_Key"/></Key>'
    return f"<EntityType Name={quoteattr(name)}>{key}{properties}</EntityType>"


def _type(name: str, attribute: str, kind: str) -> str:
    return f"Collection(StandardODATA.{name}_{attribute}_RowType)" if kind == "Collection" else kind


def _found(state: State, asked: Asked, name: str) -> list[Record]:
    known, records = set(state.schema[name]), list(state.table(name).values())
    try:
        text = asked.query.get("$filter", "")
        if text and not state.faults.is_on("back_in_time"):
            records = list(filter(compiled(text, known), records))
        records = ordered(records, asked.query.get("$orderby", ""), known)
    except BadQuery as error:
        if error.property_name:
            raise asked.refuse(400, 10, f'Свойство "{error.property_name}" не найдено') from None
        raise asked.refuse(400, 2, f"Ошибка разбора параметра: {error}") from None
    if state.faults.is_on("rows_hidden") and records:
        if "allowedOnly" not in asked.query and "$allowedOnly" not in asked.query:
            raise asked.refuse(401, 20, "Нарушение прав доступа!")
        records = records[:-1]
    return records


def _listed(state: State, asked: Asked, name: str) -> Answer:
    if state.faults.is_on("xml_bomb"):
        return Answer(raw=BOMB, content_type=XML)
    found = _found(state, asked, name)
    skip, top = _number(asked, "$skip", 0), _number(asked, "$top", len(found))
    if state.faults.is_on("repeats"):
        skip = 0
    part = [_shown(state, asked, name, record) for record in found[skip : skip + top]]
    if state.faults.is_on("endless") and not part and found:
        part = [_shown(state, asked, name, found[-1])] * top
    counted = asked.query.get("$inlinecount") == "allpages"
    if not asked.as_json:
        return feed(part, len(found) if counted else None)
    head: Record = {"odata.metadata": f"{_metadata_url(state)}#{name}"}
    return good(head | ({"odata.count": str(len(found))} if counted else {}) | {"value": part})


def _number(asked: Asked, name: str, default: int) -> int:
    text = asked.query.get(name, str(default))
    if not text.isdigit():
        raise asked.refuse(400, 4, f"Неверное значение {name}")
    return int(text)


def _shown(state: State, asked: Asked, name: str, record: Record) -> Record:
    """A record with the attributes that the entity has now and that were asked for."""
    known = state.schema[name]
    wanted = [part.strip() for part in asked.query.get("$select", "*").split(",")]
    for attribute in wanted:
        if attribute not in ("*", "**") and attribute not in known:
            raise asked.refuse(400, 10, f'Свойство "{attribute}" не найдено')
    if "**" in wanted:
        return {one: record[one] for one, kind in known.items() if kind != "Collection"}
    return {
        one: record.get(one, seed.empty(kind))
        for one, kind in known.items()
        if "*" in wanted or one in wanted
    }


def _single(state: State, asked: Asked, one: re.Match[str]) -> Answer:
    name, key, rest = one["name"], one["key"].lower(), one["rest"]
    _check_published(state, asked, name)
    record = state.table(name).get(key)
    if record is None:
        raise asked.refuse(404, 9, f"Экземпляр сущности {name} не найден")
    if rest:
        if rest not in _METHODS or asked.method != "POST":
            raise asked.refuse(404, 11, f"Метод {rest} не найден")
        return good(state.put(name, {**record, "Posted": rest == "Post"}))
    if asked.method == "PATCH":
        record = state.put(name, {**record, **_body(asked, state.schema[name])})
    elif asked.method == "DELETE":
        del state.table(name)[key]
        return Answer(raw=b"", status=204)
    elif asked.method != "GET":
        raise asked.refuse(405, 19, "Метод HTTP запрещён")
    shown = _shown(state, asked, name, record)
    if not asked.as_json:
        return feed([shown])
    return good({"odata.metadata": f"{_metadata_url(state)}#{name}/@Element", **shown})


def _created(state: State, asked: Asked, name: str) -> Answer:
    given = _body(asked, state.schema[name])
    if given.get("Ref_Key") in state.table(name):
        raise asked.refuse(400, 15, "Запись с таким ключом существует")
    made = state.put(name, seed.complete(name, {"Date": state.local(), "Posted": False, **given}))
    location = f"{state.base_url}/odata/standard.odata/{quote(name)}(guid'{made['Ref_Key']}')"
    return Answer({"odata.metadata": f"{_metadata_url(state)}#{name}/@Element", **made}, 201,
                  headers={"Location": location})  # fmt: skip


def _body(asked: Asked, known: Mapping[str, str]) -> dict[str, Any]:
    try:
        given = json.loads(asked.body)
    except ValueError:
        raise asked.refuse(400, 1, "Ошибка разбора строки") from None
    for attribute in given:
        if attribute not in known:
            raise asked.refuse(400, 10, f'Свойство "{attribute}" не найдено')
    return dict(given)
