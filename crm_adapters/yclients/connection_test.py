"""What must be right at YCLIENTS before purchases come from there: both tokens, the branch, the rights."""

from typing import Any

from crm_adapters.yclients.api import Record, YclientsApi
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmAccessLost, CrmGone

VERSION = "v1"
_SHOWN = 10


async def run(api: YclientsApi) -> ConnectionReport:
    """Raises CrmError when that much cannot be learnt: a token that is refused is CrmAccessLost.

    Problem codes: branch_unknown, no_right.
    """
    try:
        branch, _meta = await api.get(f"company/{api.company}/", user=False)
    except CrmGone:
        branch = {}
    mine, _meta = await api.get("companies", (("my", "1"),))
    titles = {str(one.get("id")): str(one.get("title") or "") for one in _objects(mine)}
    title = str(branch.get("title") or "") if isinstance(branch, dict) else ""
    if api.company not in titles:
        known = ", ".join(f"{number} {name}".strip() for number, name in list(titles.items())[:_SHOWN])
        problem = Problem("branch_unknown", True, {"branch": api.company, "branches": known or "-"})
        return ConnectionReport(title, VERSION, (problem,))
    return ConnectionReport(title or titles[api.company], VERSION, tuple(await _rights(api)))


async def _rights(api: YclientsApi) -> list[Problem]:
    """Visits are what it is about; without the cash book, sales of goods at the desk are missed."""
    problems = []
    for path, scope, fatal in (("records", "records", True), ("transactions", "finances", False)):
        try:
            await api.listed(f"{path}/{api.company}", (("page", "1"), ("count", "1")))
        except CrmAccessLost as error:
            if error.reason == "account or feature not paid":
                raise
            problems.append(Problem("no_right", fatal, {"action": "read", "scope": scope}))
    return problems


def _objects(value: Any) -> list[Record]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
