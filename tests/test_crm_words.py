"""Whatever an adapter can report, there are words for it that tell an admin what to mend."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_adapters import PROVIDERS
from handlers.crm.input_words import CRM_INPUT
from handlers.crm.refusals import REASONS
from handlers.crm.ways import ASKED, NAMES, WAYS
from handlers.crm.words import PROBLEMS
from handlers.errors import BAD_INPUT

ROOT = Path(__file__).parent.parent
PLACES = [*(ROOT / "crm_adapters").rglob("*.py"), *(ROOT / "services").rglob("*.py")]


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in PLACES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield str(path.relative_to(ROOT)), node


def texts(node: ast.expr) -> set[str]:
    """The texts that an expression can be, as far as they stand in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return set()


def test_every_problem_of_a_connection_has_words() -> None:
    codes = {code for _path, call in calls("Problem") if call.args for code in texts(call.args[0])}
    assert len(codes) > 10
    assert codes - set(PROBLEMS) == set()


def test_every_wrong_setting_has_words() -> None:
    found = {
        (field, reason)
        for path, call in calls("BadInput")
        if path.startswith("crm_adapters") and len(call.args) > 1
        for field in texts(call.args[0])
        for reason in texts(call.args[1])
        if field != "mapping"
    }
    assert len(found) > 5
    assert found - set(BAD_INPUT) == set()


@pytest.mark.parametrize("reason", ["scheme", "userinfo", "host", "port", "query", "invalid", "required"])
def test_every_slip_in_an_address_has_words(reason: str) -> None:
    assert ("url", reason) in CRM_INPUT


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_setting_that_is_asked_for_has_a_name_and_words_for_a_slip(provider: str) -> None:
    manifest = PROVIDERS[provider].manifest
    asked = {name for way in manifest.ways for name in way.settings} | set(manifest.extras)
    for name in asked:
        assert name in NAMES
        assert (name, "invalid") in BAD_INPUT
        assert (provider, name) in ASKED or ("", name) in ASKED
    if len(manifest.ways) > 1:
        assert all((provider, way.name) in WAYS for way in manifest.ways)


def test_every_plain_reason_of_lost_access_has_words() -> None:
    found = {reason for _path, call in calls("CrmAccessLost") if call.args for reason in texts(call.args[0])}
    at_address = {
        reason
        for _path, call in calls("CrmRejected")
        if call.args
        for reason in texts(call.args[0])
        if reason.endswith("at this address")
    }
    assert found
    assert (found | at_address) - set(REASONS) == set()
