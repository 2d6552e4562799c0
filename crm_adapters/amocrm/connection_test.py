"""What must be right at an amoCRM account before leads are sent there: token, fields, options, stages."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.amocrm.api import KEY_REFUSED, AmoApi
from crm_adapters.amocrm.catalogue import Catalogue, Fields, Pipelines
from crm_adapters.amocrm.mapping import FIELD
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmAccessLost, CrmRejected

WITH_OPTIONS = ("select", "radiobutton", "multiselect")


async def run(api: AmoApi, catalogue: Catalogue, mapping: Mapping[str, Any]) -> ConnectionReport:
    """Ask for the account and what it consists of. Raises CrmError when that much cannot be learnt.

    Problem codes: no_right, no_external_id_field, missing_field, enum_option_missing.
    """
    account = await catalogue.account()
    if not account.get("id"):
        raise CrmRejected("no amoCRM at this address")
    problems = [
        *_fields(await catalogue.fields("leads"), "lead", mapping),
        *_fields(await catalogue.fields("contacts"), "contact", mapping),
        *_stages(await catalogue.pipelines(), mapping),
        *[problem async for problem in _rights(api)],
    ]
    name = str(account.get("name") or account.get("subdomain") or account["id"])
    return ConnectionReport(name, f"v4.{account.get('version') or 0}", tuple(problems))


def _fields(known: Fields, record: str, mapping: Mapping[str, Any]) -> Iterator[Problem]:
    for rule in rules.rules(mapping, record):
        if not rule.attribute.startswith(FIELD):
            continue
        name = rule.attribute.removeprefix(FIELD)
        field = known.find(name)
        if field is None:
            ours = rule.sources == ("our_id",)
            yield Problem("no_external_id_field" if ours else "missing_field", params={"field": name})
        elif field.type in WITH_OPTIONS:
            for option in sorted(rules.enum_targets(mapping, rule)):
                if field.option(option) is None:
                    yield Problem("enum_option_missing", params={"field": name, "option": option})


def _stages(known: Pipelines, mapping: Mapping[str, Any]) -> Iterator[Problem]:
    pipeline = str((mapping.get("lead", {}).get("pipeline_id") or {}).get("constant", ""))
    if known.pipeline(pipeline) is None:
        yield Problem("enum_option_missing", True, {"field": "pipeline_id", "option": pipeline})
        return
    words = {word for name in ("stage", "stage_kind") for word in mapping["enums"].get(name, {}).values()}
    for word in sorted(words):
        if known.find(str(word), pipeline) is None:
            yield Problem("enum_option_missing", params={"field": "status", "option": str(word)})


async def _rights(api: AmoApi) -> Any:
    """Users and webhooks need an administrator's token; leads go through without."""
    for path in ("users", "webhooks"):
        try:
            await api.get(path, [("limit", "1")])
        except CrmAccessLost as error:
            if error.reason == KEY_REFUSED:
                raise
            yield Problem("no_right", params={"scope": path, "action": "read"})
