"""What must be right at a RetailCRM before leads go there: key, rights, shop, version, fields, codes."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import mapping as rules
from crm_adapters.retailcrm.account import Account, keyed
from crm_adapters.retailcrm.api import RetailApi
from crm_adapters.retailcrm.mapping import CUSTOM
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmAccessLost

API_VERSION = "5.0"
# Group of methods, action, whether nothing works without it. The names of the groups for tasks and
# telephony are not published, so tasks are looked for among the methods.
NEEDED_RIGHTS = (
    ("order", "read", True),
    ("order", "write", True),
    ("customer", "read", True),
    ("customer", "write", True),
    ("reference", "read", True),
    ("custom_fields", "read", True),
    ("user", "read", False),
)
_TASKS = "/api/tasks/create"


async def run(api: RetailApi, account: Account, mapping: Mapping[str, Any]) -> ConnectionReport:
    """Ask what the key may and what the account has. Raises CrmError when that much cannot be learnt.

    Problem codes: no_right, site_required, site_unknown, version_old, missing_field, enum_option_missing.
    """
    rights = await api.get("/api/credentials")
    versions = (await api.get("/api/api-versions")).get("versions") or []
    system = await api.get("/api/system-info")
    problems = [*_rights(rights), *_site(rights, api.site), *_version(versions)]
    if not any(problem.fatal for problem in problems):
        problems += await _codes(api, account, mapping)
        problems += await _fields(account, mapping)
    host = urlsplit(str(system.get("publicUrl") or api.account)).netloc
    name = f"{host} / {api.site}" if api.site else host
    return ConnectionReport(name, str(system.get("systemVersion") or API_VERSION), tuple(problems))


def _rights(answer: Mapping[str, Any]) -> Iterator[Problem]:
    scopes, methods = answer.get("scopes"), answer.get("credentials")
    if isinstance(scopes, list):
        for scope, action, fatal in NEEDED_RIGHTS:
            if f"{scope}_{action}" not in scopes:
                yield Problem("no_right", fatal, {"scope": scope, "action": action})
    if isinstance(methods, list) and methods and _TASKS not in methods:
        yield Problem("no_right", params={"scope": "task", "action": "write"})


def _site(answer: Mapping[str, Any], site: str) -> Iterator[Problem]:
    """A key that sees several shops must name one with every write."""
    sites = [str(code) for code in answer.get("sitesAvailable") or ()]
    if site and sites and site not in sites:
        yield Problem("site_unknown", fatal=True, params={"site": site, "sites": ", ".join(sites)})
    if not site and len(sites) > 1:
        yield Problem("site_required", fatal=True, params={"sites": ", ".join(sites)})


def _version(versions: Any) -> Iterator[Problem]:
    known = [str(version) for version in versions if version] if isinstance(versions, list) else []
    if known and API_VERSION not in known:
        yield Problem("version_old", fatal=True, params={"version": known[-1], "required": API_VERSION})


async def _codes(api: RetailApi, account: Account, mapping: Mapping[str, Any]) -> list[Problem]:
    """Statuses and order methods that the mapping writes: a code that does not exist is a 400."""
    statuses = await account.statuses()
    methods = keyed((await api.get("reference/order-methods")).get("orderMethods"))
    problems = []
    for rule in rules.rules(mapping, "lead"):
        if rule.shape == "status":
            known, wanted = set(statuses), rules.enum_targets(mapping, rule, "stage", "stage_kind")
        elif rule.attribute == "orderMethod":
            known, wanted = set(methods), rules.enum_targets(mapping, rule)
        else:
            continue
        problems += [_missing(rule.attribute, option) for option in sorted(wanted - known)]
    return problems


def _missing(field: str, option: str) -> Problem:
    return Problem("enum_option_missing", params={"field": field, "option": option})


async def _fields(account: Account, mapping: Mapping[str, Any]) -> list[Problem]:
    """Custom fields that the mapping fills and the account does not have, or not the elements of theirs."""
    try:
        known = await account.fields()
    except CrmAccessLost:
        return [Problem("metadata_unreadable")]
    problems = []
    for rule in rules.rules(mapping, "lead"):
        place, _, code = rule.attribute.partition(".")
        if place != CUSTOM:
            continue
        if code not in known:
            problems.append(Problem("missing_field", params={"field": code}))
        elif "dictionary" in str(known[code].get("type")):
            lacking = rules.enum_targets(mapping, rule)
            elements = known[code].get("elements", {})
            problems += [_missing(code, one) for one in sorted(lacking) if one.casefold() not in elements]
    return problems
