"""What must be right at a Twenty before leads go there: key, rights, fields, options."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import mapping as rules
from crm_adapters import mapping_fit
from crm_adapters.twenty.api import DENIED, TwentyApi
from crm_adapters.twenty.fields import lead_fields
from crm_adapters.twenty.model import Model
from domain.crm import ConnectionReport, Problem, RemoteField
from domain.errors import CrmAccessLost

API_VERSION = "REST"
# Object, whether nothing works without it. The key's right to write shows only in writing.
NEEDED = (
    ("opportunities", True),
    ("people", True),
    ("companies", False),
    ("notes", False),
    ("tasks", False),
    ("workspaceMembers", False),
)


async def run(api: TwentyApi, model: Model, mapping: Mapping[str, Any]) -> ConnectionReport:
    """Ask what the key may read and what the workspace has. Raises CrmError when that much cannot be learnt.

    Problem codes: no_right, metadata_unreadable, no_external_id_field, missing_field, enum_option_missing.
    """
    problems = [problem for name, fatal in NEEDED async for problem in _right(api, name, fatal)]
    model.forget()
    try:
        problems += _fields(await lead_fields(model), mapping)
    except CrmAccessLost as error:
        if error.reason != DENIED:
            raise
        problems.append(Problem("metadata_unreadable"))
    return ConnectionReport(urlsplit(api.site).netloc, API_VERSION, tuple(problems))


async def _right(api: TwentyApi, plural: str, fatal: bool) -> Any:
    try:
        await api.get(plural, {"limit": "1", "depth": "0"})
    except CrmAccessLost as error:
        if error.reason != DENIED:
            raise
        yield Problem("no_right", fatal, {"scope": plural, "action": "read"})


def _fields(fields: list[RemoteField], mapping: Mapping[str, Any]) -> Iterator[Problem]:
    for record in mapping_fit.records_of(fields):
        for rule in rules.rules(mapping, record):
            field = mapping_fit.found(fields, record, rule.attribute)
            if field is None:
                ours = rule.sources == ("our_id",)
                code = "no_external_id_field" if ours else "missing_field"
                yield Problem(code, params={"field": rule.attribute})
                continue
            for option in mapping_fit.missing_options(record, rule, mapping, field):
                yield Problem("enum_option_missing", params={"field": rule.attribute, "option": option})
