"""Whoever changes something leaves an entry in the record: found by reading the code of the use cases."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from domain.audit import KINDS
from domain.members import Right
from handlers.privacy.action_words import ACTION_WORDS
from services.access import RIGHT_OF
from tests.service_classes import service_classes

ROOT = Path(__file__).parent.parent.parent
Function = ast.FunctionDef | ast.AsyncFunctionDef
Known = dict[str, list[tuple[str, Function]]]


@cache
def functions() -> Known:
    """Functions and methods of services/ by name, with the file of each."""
    found: Known = {}
    for file in (ROOT / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append((str(file.relative_to(ROOT)), node))
    return found


@cache
def calls(node: ast.AST) -> tuple[tuple[str, bool], ...]:
    """Names of what is called, and whether it is found in the same file."""
    found = []
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            on = one.func.value
            found.append((one.func.attr, isinstance(on, ast.Name) and on.id == "self"))
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            found.append((one.func.id, True))
    return tuple(found)


def reaches(file: str, node: Function, wanted: str, seen: set[tuple[str, int]]) -> bool:
    """Whether a function comes to call `wanted`, by its own file or by names that stand but once."""
    if (file, node.lineno) in seen:
        return False
    seen.add((file, node.lineno))
    for name, own in calls(node):
        if name == wanted:
            return True
        known = functions().get(name, ())
        here = [(where, found) for where, found in known if where == file]
        further = here if own and here else known if len(known) == 1 else here or told_of(known, node)
        if any(reaches(where, found, wanted, seen) for where, found in further):
            return True
    return False


def told_of(known: list[tuple[str, Function]], node: Function) -> list[tuple[str, Function]]:
    """Methods of an object that goes by the name of its file, such as self.told of told.py."""
    objects = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return [(where, found) for where, found in known if Path(where).stem in objects]


def writes(file: str, node: Function) -> bool:
    """Whether it opens a writing transaction, itself or by a method of its own class."""
    return reaches_own(file, node, set())


def reaches_own(file: str, node: Function, seen: set[int]) -> bool:
    if node.lineno in seen:
        return False
    seen.add(node.lineno)
    for name, own in calls(node):
        if name == "transaction":
            return True
        here = [found for where, found in functions().get(name, ()) if where == file]
        if own and any(reaches_own(file, found, seen) for found in here):
            return True
    return False


def use_cases() -> Iterator[tuple[str, str, Function]]:
    """Those that need a right of a member and write."""
    for service in service_classes().values():
        file = str(Path(inspect.getfile(service)).resolve().relative_to(ROOT))
        for name, method in vars(service).items():
            if isinstance(getattr(method, RIGHT_OF, None), Right):
                line = inspect.unwrap(method).__code__.co_firstlineno
                node = next(n for f, n in functions()[name] if f == file and abs(n.lineno - line) <= 6)
                if writes(file, node):
                    yield f"{service.__name__}.{name}", file, node


OWN = "one's own screen: what is chosen, picked or kept to be looked at again"
DRAFT = "nothing has happened yet: whoever presses Start or Send is written down"
SILENT: dict[str, str] = {
    **dict.fromkeys(("Picking.drop", "Picking.pick", "Picking.pick_all", "Exports.choose"), OWN),
    **dict.fromkeys((f"Views.{one}" for one in ("make_default", "place", "remove", "rename", "save")), OWN),
    **dict.fromkeys(("Announcements.draft", "Announcements.drop", "Bulk.confirm"), DRAFT),
    **dict.fromkeys(("Imports.forecast", "Imports.set_column", "Imports.set_up"), DRAFT),
    "PurchaseTables.set_column": DRAFT,
    "CrmPeople.people": "reads the CRM's users and keeps what it answered",
    "Leads.ask": "a push to whoever is responsible; nothing changes",
    "Redemptions.get": "ends what has run out meanwhile",
    "WebsiteForm.key": "shows the address of the form",
}
"""Use cases that write and leave no entry, and why."""


def test_whoever_changes_something_is_written_down() -> None:
    silent = {name for name, file, node in use_cases() if not reaches(file, node, "add_audit", set())}
    assert silent == set(SILENT)


def test_every_action_that_has_words_is_found_by_its_kind() -> None:
    known = {first for names in KINDS.values() for first in names}
    assert {action for action in ACTION_WORDS if action.split(".")[0] not in known} == set()
