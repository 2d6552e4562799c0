"""What must be right at an EspoCRM before leads are sent there: key, version, rights, fields, options."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.espocrm.api import EspoApi
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmRejected

OLDEST_TRIED = "9.0"  # webhooks bear `Signature` since then
HEX_HMAC_SINCE = "8.4.1"

_NONE = (None, False, "no")
# Scope, action, whether nothing works without it, levels that are too little. A User read=own is what
# every user has, and not enough to name an assignee.
NEEDED_RIGHTS = (
    ("Lead", "create", True, _NONE),
    ("Lead", "read", True, _NONE),
    ("Lead", "edit", True, _NONE),
    ("Lead", "stream", False, _NONE),
    ("Call", "create", False, _NONE),
    ("Call", "read", False, _NONE),
    ("User", "read", False, (*_NONE, "own")),
)


async def run(api: EspoApi, mapping: Mapping[str, Any]) -> ConnectionReport:
    """Ask who we are and what the role allows. Raises CrmError when that much cannot be learnt.

    Problem codes: version_old, no_right, read_own_only, field_forbidden, metadata_unreadable,
    no_external_id_field, missing_field, enum_option_missing, pipelines_on.
    """
    answer = await api.get("App/user")
    user = answer.get("user") if isinstance(answer, dict) else None
    if not isinstance(user, dict):
        raise CrmRejected("no EspoCRM at this address")
    version = str(_branch(answer, "settings", "version") or "")
    fields = await api.metadata("entityDefs.Lead.fields")
    problems = [
        *_version(version, api.signed),
        *_rights(_branch(answer, "acl", "table")),
        *_closed_fields(_branch(answer, "acl", "fieldTable", "Lead"), mapping),
        *_fields(fields if isinstance(fields, dict) else {}, mapping),
    ]
    if isinstance(fields, dict) and "pipelineStage" in fields:
        # Since 10.0, where pipelines are switched on: the status then follows the stage and is read-only.
        problems.append(Problem("pipelines_on"))
    return ConnectionReport(str(user.get("userName") or ""), version, tuple(problems))


def _branch(tree: Any, *keys: str) -> Any:
    """A deeper value; PHP shows an empty map as a list, so anything else on the way is None."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _version(version: str, signed: bool) -> Iterator[Problem]:
    number = _number(version)
    if number and signed and number < _number(HEX_HMAC_SINCE):
        yield Problem("version_old", fatal=True, params={"version": version, "required": HEX_HMAC_SINCE})
    elif number and number < _number(OLDEST_TRIED):
        yield Problem("version_old", params={"version": version, "required": OLDEST_TRIED})


def _rights(table: Any) -> Iterator[Problem]:
    for scope, action, fatal, too_little in NEEDED_RIGHTS:
        if _branch(table, scope, action) in too_little:
            yield Problem("no_right", fatal, {"scope": scope, "action": action})
    if _branch(table, "Lead", "read") == "own":
        # Own means assigned to the API user: it would not even see the leads it has made itself.
        yield Problem("read_own_only", params={"scope": "Lead"})
    if not _branch(table, "Webhook"):
        yield Problem("no_right", params={"scope": "Webhook", "action": "create"})


def _closed_fields(table: Any, mapping: Mapping[str, Any]) -> Iterator[Problem]:
    for rule in rules.rules(mapping, "lead"):
        for field in _names(rule.attribute):
            if "no" in (_branch(table, field, "read"), _branch(table, field, "edit")):
                yield Problem("field_forbidden", params={"field": field})


def _fields(fields: Mapping[str, Any], mapping: Mapping[str, Any]) -> Iterator[Problem]:
    if not fields:
        yield Problem("metadata_unreadable")
        return
    for rule in rules.rules(mapping, "lead"):
        name = next((name for name in _names(rule.attribute) if name in fields), None)
        if name is None:
            ours = rule.sources == ("our_id",)
            code = "no_external_id_field" if ours else "missing_field"
            yield Problem(code, params={"field": rule.attribute})
        elif _branch(fields, name, "type") == "enum":
            yield from _options(name, _branch(fields, name, "options"), rule, mapping)


def _options(name: str, options: Any, rule: rules.Rule, mapping: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(options, list):
        return  # currencies and referenced lists keep their options elsewhere
    stage_enums = ("stage", "stage_kind") if rule.shape == "status" else ()
    for option in sorted(rules.enum_targets(mapping, rule, *stage_enums) - set(options)):
        yield Problem("enum_option_missing", params={"field": name, "option": option})


def _names(attribute: str) -> tuple[str, ...]:
    """An attribute and the field it is part of: assignedUserId -> assignedUser."""
    whole = attribute.removesuffix("Id").removesuffix("Data").removesuffix("Currency")
    return (attribute,) if whole == attribute else (attribute, whole)
