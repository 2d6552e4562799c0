"""Custom fields and dictionaries: what an account has added to orders and customers."""

import re

from sandbox.exchange import Answer
from sandbox.retailcrm import filters, seed
from sandbox.retailcrm.answers import good, invalid, not_found
from sandbox.retailcrm.calls import Call
from sandbox.retailcrm.forms import json_object, paged

TYPES = (
    "boolean", "date", "datetime", "dictionary", "multiselect_dictionary", "email", "integer", "numeric",
    "string", "text",
)  # fmt: skip
ENTITIES = ("order", "customer")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,254}")


def listed(call: Call) -> Answer:
    fields = [{"id": index, **item} for index, item in enumerate(call.state.custom_fields.values())]
    found = filters.choose(fields, call.filter, filters.FIELDS)
    page, told = paged([{k: v for k, v in one.items() if k != "id"} for one in found], call.params)
    return good(pagination=told, customFields=page)


def create(call: Call) -> Answer:
    given, entity = json_object(call.form, "customField"), call.args[0]
    if entity not in ENTITIES:
        raise not_found()
    code = str(given.get("code", ""))
    if not _CODE.fullmatch(code):
        raise invalid("code", "This value is not valid.")
    if (entity, code) in call.state.custom_fields:
        raise invalid("code", "This value is already used.")
    if given.get("type") not in TYPES:
        raise invalid("type", "This value is not valid.")
    if "dictionary" in given["type"] and given.get("dictionary") not in call.state.dictionaries:
        raise invalid("dictionary", "This value is not valid.")
    seed.add_field(call.state, entity, given)
    return good(201, code=code)


def dictionaries(call: Call) -> Answer:
    page, told = paged(list(call.state.dictionaries.values()), call.params)
    return good(pagination=told, customDictionaries=page)


def create_dictionary(call: Call) -> Answer:
    given = json_object(call.form, "customDictionary")
    code = str(given.get("code", ""))
    if not _CODE.fullmatch(code) or code in call.state.dictionaries:
        raise invalid("code", "This value is not valid.")
    call.state.dictionaries[code] = {"name": "", "elements": [], **given}
    return good(201, code=code)
