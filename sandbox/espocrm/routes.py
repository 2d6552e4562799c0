"""The routes of api/v1 and what answers them."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.espocrm import (
    acl,
    admin,
    admin_calls,
    conversion,
    linking,
    listing,
    metadata,
    query,
    records,
    render,
    stream,
    uploads,
)
from sandbox.espocrm.answers import HTML, Answer, Refusal, forbidden, html_page, refusal
from sandbox.espocrm.calls import Call
from sandbox.espocrm.seed import SYSTEM

Handler = Callable[[Call], Answer]
STATUS_OF_CREATE = {"Webhook": 201}
ANYONE = {"Access-Control-Allow-Origin": "*"}


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, where * stands for any one part; a public route needs no key."""

    method: str
    pattern: str
    handler: Handler
    public: bool = False

    def match(self, parts: list[str]) -> tuple[str, ...] | None:
        """The variable parts of a path of this shape, or None."""
        wanted = self.pattern.split("/") if self.pattern else []
        if len(wanted) != len(parts) or any(
            want not in ("*", part) for want, part in zip(wanted, parts, strict=True)
        ):
            return None
        return tuple(part for want, part in zip(wanted, parts, strict=True) if want == "*")


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route of a request; Refusal 404 or 405 with an HTML page when there is none."""
    parts = [part for part in path.split("/") if part]
    allowed: list[str] = []
    for route in ROUTES:
        args = route.match(parts)
        if args is None:
            continue
        if route.method == method:
            return route, args
        allowed.append(route.method)
    if allowed:
        page = html_page(
            405, "Method Not Allowed", "The request method is not supported for the requested resource."
        )
        raise Refusal(
            Answer(raw=page.encode(), status=405, content_type=HTML, headers={"Allow": ", ".join(allowed)})
        )
    page = html_page(404, "Not Found", "The requested resource could not be found.")
    raise Refusal(Answer(raw=page.encode(), status=404, content_type=HTML))


def index(call: Call) -> Answer:
    return Answer("EspoCRM REST API")


def app_user(call: Call) -> Answer:
    return Answer(metadata.current_user(call.state, call.actor))


def about(call: Call) -> Answer:
    return Answer(metadata.about(call.state))


def read_metadata(call: Call) -> Answer:
    key = call.params.get("key")
    if not isinstance(key, str):
        return Answer(metadata.tree(call.state, call.actor))
    found = metadata.by_key(call.state, call.actor, key)
    return Answer() if found is metadata.NO_OBJECT else Answer(found)


def i18n(call: Call) -> Answer:
    labels = metadata.labels(call.state, call.actor)
    scope = call.params.get("scope")
    return Answer({scope: labels[scope]} if scope in labels else labels)


def open_api(call: Call) -> Answer:
    if not call.state.is_10:
        raise refusal(404, "Controller 'OpenApi' does not exist.")
    if not call.actor.has_scope("OpenApi"):
        raise Refusal(Answer(status=403, reason="No access to OpenApi scope.", content_type=HTML))
    return Answer(metadata.open_api(call.state, call.actor))


def create(call: Call) -> Answer:
    if call.entity == "Note":
        acl.require_scope(call.actor, "Note", "create")
        return Answer(stream.post(call.state, call.actor, call.body))
    if call.entity == "User":
        return Answer(admin.create_user(call.state, call.actor, call.body))
    if call.entity == "Attachment":
        return Answer(uploads.store(call.state, call.actor, call.body))
    skip = call.headers.get("X-Skip-Duplicate-Check", "").lower() == "true"
    body = records.create(call.state, call.actor, call.entity, call.body, skip_duplicates=skip)
    return Answer(body, status=STATUS_OF_CREATE.get(call.entity, 200))


def list_records(call: Call) -> Answer:
    params = query.search_params(call.params)
    return Answer(listing.find(call.state, call.actor, call.entity, params, call.headers))


def read(call: Call) -> Answer:
    record = records.get(call.state, call.actor, call.entity, call.args[1])
    return Answer(render.full(call.state, call.actor, call.entity, record))


def update(call: Call) -> Answer:
    return Answer(records.update(call.state, call.actor, call.entity, call.args[1], call.body, call.headers))


def delete(call: Call) -> Answer:
    return Answer(records.delete(call.state, call.actor, call.entity, call.args[1]))


def list_related(call: Call) -> Answer:
    entity, record_id, link = call.state.entities[call.entity], call.args[1], call.args[2]
    record = records.get(call.state, call.actor, entity.name, record_id)
    params = query.search_params(call.params)
    if link == "stream":
        notes = stream.of_record(call.state, entity.name, record_id)
        if not acl.may(call.actor, entity.name, "stream", record):
            raise forbidden("No stream access.")
        found = listing.find(call.state, SYSTEM, "Note", params, call.headers, notes)
        return Answer(found)
    child, items = linking.related(call.state, entity, record, link)
    return Answer(listing.find(call.state, call.actor, child, params, call.headers, items))


def add_link(call: Call) -> Answer:
    return _relink(call, linking.join)


def drop_link(call: Call) -> Answer:
    return _relink(call, linking.part)


def _relink(call: Call, change: Callable[..., bool]) -> Answer:
    record = records.get(call.state, call.actor, call.entity, call.args[1])
    acl.require(call.actor, call.entity, "edit", record)
    entity = call.state.entities[call.entity]
    ids = call.body.get("ids") or [call.body.get("id")]
    done = [change(call.state, entity, record, call.args[2], child_id) for child_id in ids]
    return Answer(any(done))


def follow(call: Call) -> Answer:
    return _follow(call, follows=True)


def unfollow(call: Call) -> Answer:
    return _follow(call, follows=False)


def _follow(call: Call, *, follows: bool) -> Answer:
    record = records.get(call.state, call.actor, call.entity, call.args[1])
    rest = [user_id for user_id in record.get("followersIds", []) if user_id != call.actor.id]
    record["followersIds"] = [*rest, call.actor.id] if follows else rest
    call.state.touch()
    return Answer(True)


def activities(call: Call) -> Answer:
    if not call.actor.has_scope("Activities"):
        raise Refusal(Answer(status=403, reason="", content_type=HTML))
    records.get(call.state, call.actor, call.entity, call.args[1])
    return Answer(
        stream.activities(call.state, call.actor, call.entity, call.args[1], call.args[2], call.params)
    )


def convert_attributes(call: Call) -> Answer:
    return Answer(conversion.attributes(call.state, call.actor, str(call.body.get("id"))))


def convert(call: Call) -> Answer:
    return Answer(conversion.convert(call.state, call.actor, call.body))


def create_form(call: Call) -> Answer:
    return Answer(conversion.create_form(call.state, call.actor, call.body))


def capture(call: Call) -> Answer:
    try:
        return Answer(conversion.capture(call.state, SYSTEM, call.args[0], call.body), headers=ANYONE)
    except Refusal as error:
        raise Refusal(
            Answer(error.answer.body, error.answer.status, error.answer.reason, headers=ANYONE)
        ) from None


def file(call: Call) -> Answer:
    return uploads.content(call.state, call.actor, call.args[0])


ROUTES: tuple[Route, ...] = (
    Route("GET", "", index),
    Route("GET", "App/user", app_user),
    Route("GET", "App/about", about),
    Route("GET", "Metadata", read_metadata),
    Route("GET", "I18n", i18n),
    Route("GET", "Settings", admin_calls.settings, public=True),
    Route("PUT", "Settings", admin_calls.change_settings),
    Route("PATCH", "Settings", admin_calls.patch_settings),
    Route("GET", "OpenApi", open_api),
    Route("POST", "LeadCapture", create_form),
    Route("POST", "LeadCapture/*", capture, public=True),
    Route("POST", "Lead/action/getConvertAttributes", convert_attributes),
    Route("POST", "Lead/action/convert", convert),
    Route("POST", "UserSecurity/apiKey/generate", admin_calls.new_key),
    Route("POST", "Admin/fieldManager/*", admin_calls.field_create),
    Route("GET", "Admin/fieldManager/*/*", admin_calls.field_read),
    Route("PUT", "Admin/fieldManager/*/*", admin_calls.field_change),
    Route("DELETE", "Admin/fieldManager/*/*", admin_calls.field_delete),
    Route("POST", "EntityManager/action/createEntity", admin_calls.entity_create),
    Route("POST", "EntityManager/action/updateEntity", admin_calls.entity_update),
    Route("POST", "EntityManager/action/resetToDefault", admin_calls.entity_reset),
    Route("GET", "Activities/*/*/*", activities),
    Route("GET", "Attachment/file/*", file),
    Route("PUT", "*/*/subscription", follow),
    Route("DELETE", "*/*/subscription", unfollow),
    Route("GET", "*", list_records),
    Route("POST", "*", create),
    Route("GET", "*/*", read),
    Route("DELETE", "*/*", delete),
    Route("PUT", "*/*", update),
    Route("PATCH", "*/*", update),
    Route("GET", "*/*/*", list_related),
    Route("POST", "*/*/*", add_link),
    Route("DELETE", "*/*/*", drop_link),
)
