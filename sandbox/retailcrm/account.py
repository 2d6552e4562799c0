"""The account itself: rights of the key, versions, settings, references, people, integration modules."""

from sandbox.exchange import Answer
from sandbox.retailcrm import filters
from sandbox.retailcrm.answers import good, invalid, not_found
from sandbox.retailcrm.calls import Call
from sandbox.retailcrm.forms import json_object, paged
from sandbox.retailcrm.state import Record

USER_STATES = ("free", "busy", "dinner", "break")


def credentials(call: Call, methods: list[str]) -> Answer:
    """What the key may: methods, groups of methods, shops. This one has no v5 in its path."""
    access = "access_selective" if call.key.sites else "access_full"
    return good(
        credentials=methods,
        scopes=sorted(call.key.scopes),
        siteAccess=access,
        sitesAvailable=list(call.sites()),
    )


def versions(call: Call) -> Answer:
    return good(versions=list(call.state.versions))


def system_info(call: Call) -> Answer:
    url = call.state.base_url
    return good(systemVersion="8.1.5", publicUrl=url, technicalUrl=url)


def settings(call: Call) -> Answer:
    values = {
        "default_currency": "RUB",
        "system_language": "ru",
        "timezone": call.state.zone.key,
    }
    return good(settings={name: {"value": value} for name, value in values.items()})


def _words(name: str) -> list[str]:
    return name.split("-")


def reference(call: Call) -> Answer:
    """A reference is an object keyed by code: statuses, order-methods, sites ..."""
    name = call.args[0]
    if name not in call.state.references:
        raise not_found()
    first, *rest = _words(name)
    shown = first + "".join(word.capitalize() for word in rest)
    return good(**{shown: call.state.references[name]})


def edit_reference(call: Call) -> Answer:
    """Make or change an entry, such as an order method; its name in the form is in the singular."""
    name, code = call.args
    if name not in call.state.references:
        raise not_found()
    first, *rest = _words(name)
    singular = (first + "".join(word.capitalize() for word in rest)).removesuffix("s").removesuffix("se")
    given = json_object(call.form, singular)
    if name == "statuses" and given.get("group") not in (None, *call.state.references["status-groups"]):
        raise invalid("group", "This value is not valid.")
    table = call.state.references[name]
    table[code] = {"active": True, **table.get(code, {}), **given, "code": code}
    return good()


def users(call: Call) -> Answer:
    found = filters.choose(call.state.users.values(), call.filter, filters.USERS)
    page, told = paged(sorted(found, key=lambda user: int(user["id"])), call.params)
    return good(pagination=told, users=page)


def _user(call: Call) -> Record:
    number = int(call.args[0]) if call.args[0].isdigit() else 0
    if number not in call.state.users:
        raise not_found()
    return call.state.users[number]


def user(call: Call) -> Answer:
    return good(user=_user(call))


def user_status(call: Call) -> Answer:
    person, status = _user(call), call.form.get("status")
    if status not in USER_STATES:
        raise invalid("status", "This value is not valid.")
    person["status"] = status
    return good()


def module(call: Call) -> Answer:
    found = call.state.modules.get(call.args[0])
    if found is None:
        raise not_found()
    return good(integrationModule=found)


def edit_module(call: Call) -> Answer:
    given, code = json_object(call.form, "integrationModule"), call.args[0]
    for name in ("integrationCode", "clientId", "baseUrl"):
        if not given.get(name):
            raise invalid(name, "This value should not be blank.")
    if given.get("logo") and not str(given["logo"]).endswith(".svg"):
        raise invalid("logo", "The logo must be SVG.")
    call.state.modules[code] = {**given, "code": code}
    return good(info={})
