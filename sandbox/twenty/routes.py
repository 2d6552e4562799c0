"""What stands below /rest/ and what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.exchange import Answer
from sandbox.twenty import hooks, listing, metadata, records
from sandbox.twenty.answers import bad, forbidden, problem
from sandbox.twenty.schema import Object
from sandbox.twenty.state import Actor, Key, Record, State

Handler = Callable[["Call"], Answer]
HOOKS = ("webhooks", "metadata/webhooks")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: `parts` is its path, `query` its parameters, `body` decoded JSON."""

    state: State
    key: Key
    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Any

    @property
    def actor(self) -> Actor:
        return Actor(key_id=self.key.id)

    def object(self, plural: str) -> Object:
        """An object that exists and that the key may touch. Refusal 400, 403."""
        if plural not in self.state.objects:
            raise bad(f"object '{plural}' not found. Parsed query: /{plural}")
        if self.key.objects is not None and plural not in self.key.objects:
            raise forbidden("User does not have permission")
        return self.state.objects[plural]

    def named(self, prefix: str, about: Object, record: Record) -> dict[str, Any]:
        """`{"data": {"createPerson": {...}}}`."""
        name = f"{prefix}{about.singular[0].upper()}{about.singular[1:]}" if prefix else about.singular
        return {"data": {name: listing.shown(self.state, about, record, listing.depth(self.query))}}


def answer(call: Call) -> Answer:
    """The answer to any request. Refusal for what cannot be served."""
    path = "/".join(call.parts)
    for prefix in HOOKS:
        if path == prefix or path.startswith(f"{prefix}/"):
            return _hooks(call, path.removeprefix(prefix).strip("/"))
    if call.parts[:1] == ("metadata",):
        return _metadata(call)
    for method, pattern, handler in ROUTES:
        if method in (call.method, "*") and _fits(pattern, call.parts):
            return handler(call)
    return problem(404, "NotFoundException", f"Cannot {call.method} /rest/{path}")


def _fits(pattern: str, parts: tuple[str, ...]) -> bool:
    wanted = pattern.split("/")
    pairs = zip(wanted, parts, strict=False)
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in pairs)


def _list(call: Call) -> Answer:
    return Answer(listing.page(call.state, call.object(call.parts[0]), call.query))


def _read(call: Call) -> Answer:
    about = call.object(call.parts[0])
    return Answer(call.named("", about, records.read(call.state, about, call.parts[1])))


def _create(call: Call) -> Answer:
    about = call.object(call.parts[0])
    (made,) = records.create(call.state, call.actor, about, [call.body], upsert=_upsert(call))
    return Answer(call.named("create", about, made), 201)


def _batch(call: Call) -> Answer:
    about = call.object(call.parts[1])
    made = records.create(call.state, call.actor, about, call.body, upsert=_upsert(call))
    deep = listing.depth(call.query)
    name = f"create{about.plural[0].upper()}{about.plural[1:]}"
    return Answer({"data": {name: [listing.shown(call.state, about, one, deep) for one in made]}}, 201)


def _upsert(call: Call) -> bool:
    return call.query.get("upsert") == "true"


def _change(call: Call) -> Answer:
    about = call.object(call.parts[0])
    return Answer(
        call.named("update", about, records.change(call.state, call.actor, about, call.parts[1], call.body))
    )


def _delete(call: Call) -> Answer:
    about = call.object(call.parts[0])
    soft = call.query.get("soft_delete") == "true"
    gone = records.delete(call.state, call.actor, about, call.parts[1], soft=soft)
    return Answer({"data": {f"delete{about.singular[0].upper()}{about.singular[1:]}": {"id": gone["id"]}}})


def _restore(call: Call) -> Answer:
    plural, record_id = call.parts[1:] if call.parts[0] == "restore" else call.parts[:2]
    about = call.object(plural)
    return Answer(call.named("restore", about, records.restore(call.state, call.actor, about, record_id)))


def _duplicates(call: Call) -> Answer:
    about = call.object(call.parts[0])
    body = call.body if isinstance(call.body, dict) else {}
    return Answer({"data": records.duplicates(call.state, about, body)})


def _metadata(call: Call) -> Answer:
    if not call.key.data_model:
        raise forbidden("This role does not have data model permission")
    if call.parts == ("metadata", "objects") and call.method == "GET":
        return Answer(metadata.objects(call.state))
    if call.parts == ("metadata", "fields") and call.method == "POST":
        return Answer(metadata.create_field(call.state, call.body), 201)
    return problem(404, "NotFoundException", f"Cannot {call.method} /rest/{'/'.join(call.parts)}")


def _hooks(call: Call, webhook_id: str) -> Answer:
    state = call.state
    if not webhook_id and call.method == "GET":
        return _enveloped(call, "webhooks", [hooks.shown(one) for one in state.webhooks.values()])
    if not webhook_id and call.method == "POST":
        return _enveloped(call, "createWebhook", hooks.shown(hooks.save(state, call.body)), 201)
    known = hooks.find(state, webhook_id)
    if call.method == "DELETE":
        del state.webhooks[webhook_id]
        return _enveloped(call, "deleteWebhook", hooks.shown(known))
    if call.method in ("PATCH", "PUT"):
        return _enveloped(call, "updateWebhook", hooks.shown(hooks.save(state, call.body, known)))
    return _enveloped(call, "webhook", hooks.shown(known))


def _enveloped(call: Call, name: str, told: Any, status: int = 200) -> Answer:
    """Webhooks belong to the metadata: bare in the newer envelope, named below `data` in the older."""
    return Answer(told if call.state.ways.new_metadata else {"data": {name: told}}, status)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "batch/*", _batch),
    ("PATCH", "restore/*/*", _restore),
    ("PATCH", "*/*/restore", _restore),
    ("POST", "*/duplicates", _duplicates),
    ("GET", "*", _list),
    ("POST", "*", _create),
    ("GET", "*/*", _read),
    ("PATCH", "*/*", _change),
    ("PUT", "*/*", _change),
    ("DELETE", "*/*", _delete),
)
