"""What must be right at a portal before leads are sent there: key, scopes, mode, fields, lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.bitrix24.api import BitrixApi, Command, branch, listed
from crm_adapters.bitrix24.records import TYPE_IDS
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmError, CrmRejected

CLASSIC = 1
MODES = {1: "classic", 2: "simple"}
# Scope, whether nothing works without it.
SCOPES = (("crm", True), ("user", False))


async def run(api: BitrixApi, mapping: Mapping[str, Any], entity: str) -> ConnectionReport:
    """Ask who we are and what there is. Raises CrmError when that much cannot be learnt.

    Problem codes: no_right, leads_off, not_admin, metadata_unreadable, no_external_id_field, missing_field,
    enum_option_missing. `version` names the interface and the portal's mode: it has no number.
    """
    answers = await api.batch(
        {
            "profile": Command("profile", {}),
            "scope": Command("scope", {}),
            "mode": Command("crm.settings.mode.get", {}),
            "fields": Command(
                "crm.item.fields", {"entityTypeId": TYPE_IDS[entity], "useOriginalUfNames": "Y"}
            ),
            "lists": Command("crm.status.list", {"order": {"SORT": "ASC"}}),
        }
    )
    profile = answers["profile"]
    if isinstance(profile, CrmError):
        raise profile
    if not isinstance(profile, dict):
        raise CrmRejected("no Bitrix24 at this address")
    mode = answers["mode"]
    problems = [
        *_scopes(answers["scope"]),
        *_mode(mode, entity),
        *([] if profile.get("ADMIN") else [Problem("not_admin")]),
        *_fields(answers["fields"], answers["lists"], mapping, entity),
    ]
    version = f"REST, {MODES.get(mode, 'unknown') if isinstance(mode, int) else 'unknown'} mode"
    return ConnectionReport(_account(profile), version, tuple(problems))


def _account(profile: Mapping[str, Any]) -> str:
    name = " ".join(str(profile[part]) for part in ("NAME", "LAST_NAME") if profile.get(part))
    return name or f"#{profile.get('ID')}"


def _scopes(granted: Any) -> Iterator[Problem]:
    known = [str(scope) for scope in granted] if isinstance(granted, list) else []
    for scope, fatal in SCOPES:
        # user_basic and user_brief are enough to name people
        if not any(one == scope or one.startswith(f"{scope}_") for one in known):
            yield Problem("no_right", fatal, {"scope": scope, "action": "use"})


def _mode(mode: Any, entity: str) -> Iterator[Problem]:
    if entity == "lead" and isinstance(mode, int) and mode != CLASSIC:
        yield Problem("leads_off", fatal=True, params={"setting": "entity", "value": "deal"})


def _fields(answer: Any, lists: Any, mapping: Mapping[str, Any], entity: str) -> Iterator[Problem]:
    fields = branch(answer, "fields")
    if not isinstance(fields, dict) or not fields:
        yield Problem("metadata_unreadable")
        return
    options: dict[str, set[str]] = {}
    for row in listed(lists):
        options.setdefault(str(row.get("ENTITY_ID")), set()).add(str(row.get("STATUS_ID")))
    for rule in rules.rules(mapping, entity):
        if rule.attribute.startswith("fm."):
            continue
        if rule.attribute not in fields:
            code = (
                "no_external_id_field" if rule.sources == ("our_id",) and not rule.shape else "missing_field"
            )
            yield Problem(code, params={"field": rule.attribute})
            continue
        names = _lists_of(rule, fields[rule.attribute], mapping, entity)
        known = set().union(*(options.get(name, set()) for name in names))
        if known:
            yield from _options(rule, known, mapping)


def _lists_of(
    rule: rules.Rule, field: Mapping[str, Any], mapping: Mapping[str, Any], entity: str
) -> tuple[str, ...]:
    """The lists that the values of a field come from: stages of deals have one for each pipeline."""
    if rule.shape == "status":
        return (stage_list(mapping, entity),)
    named = branch(field, "statusType")
    return (str(named),) if named else ()


def stage_list(mapping: Mapping[str, Any], entity: str) -> str:
    """ENTITY_ID of the stages: of leads, or of the pipeline that the mapping sets for deals."""
    if entity == "lead":
        return "STATUS"
    constants = (r.constant for r in rules.rules(mapping, entity) if r.attribute == "categoryId")
    category = next(constants, None)
    return f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"


def _options(rule: rules.Rule, known: set[str], mapping: Mapping[str, Any]) -> Iterator[Problem]:
    more = ("stage", "stage_kind") if rule.shape == "status" else ()
    for option in sorted(rules.enum_targets(mapping, rule, *more) - known):
        yield Problem("enum_option_missing", params={"field": rule.attribute, "option": option})
