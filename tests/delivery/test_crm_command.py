"""`python -m bot crm`: a program of its own beside the product, in plain sentences and exit codes."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.crm.session import choose
from bot.settings import SettingsError
from domain.members import Organization
from storage.db import Database
from storage.ids import new_id
from tests.clock import MovableClock
from tests.crm_adapters.retail import RetailStandIn
from tests.delivery.house import OWNER, House, host_of, open_house
from tests.programs import run


@dataclass
class Shell:
    """Runs the command over the house's database."""

    house: House
    retail: RetailStandIn
    environment: dict[str, str]

    async def crm(self, *arguments: str) -> tuple[int, str]:
        """Its exit code and everything it said."""
        return await run(["crm", *arguments], self.environment)


@pytest.fixture
async def shell(db: Database, clock: MovableClock, database_url: str) -> AsyncIterator[Shell]:
    async with RetailStandIn() as retail, open_house(db, clock, (retail.address,)) as house:
        await house.connect()
        await house.integrations.connect(house.owner, "retailcrm", retail.settings, another=True)
        given = {
            "ENV_FILE": "",
            "DATABASE_URL": database_url,
            "SECRET_KEY": base64.b64encode(bytes(32)).decode(),
            "ADMIN_IDS": str(OWNER),
            "EGRESS_ALLOW": f"{host_of(house.crm)},{retail.address}",
            "DEFAULT_LANGUAGE": "en",
        }
        yield Shell(house, retail, {**os.environ, **given})


# what no database tells apart runs on one of them
@pytest.mark.parametrize("leg", ["postgres"], indirect=True)
async def test_test_preview_and_push(shell: Shell) -> None:
    house = shell.house
    await house.send()
    code, said = await shell.crm("test")
    assert (code, "EspoCRM is connected." in said, "requests a second" in said) == (0, True, True), said
    code, said = await shell.crm("preview", "1")
    assert code == 0, said
    assert f"POST {house.crm.url}/api/v1/Lead" in said
    assert '"lastName": "Петров"' in said
    assert house.crm.api_key not in said
    assert not house.crm.leads()
    code, said = await shell.crm("push", "1")
    assert (code, "Lead #1: in the CRM" in said, len(house.crm.leads())) == (0, True, 1), said


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_what_is_wrong_is_said_and_is_an_exit_code(shell: Shell) -> None:
    await shell.house.send()
    shell.house.crm.fail("key_revoked")
    code, said = await shell.crm("test")
    assert (code, "EspoCRM: no connection." in said, "refuses the key" in said) == (1, True, True), said
    code, said = await shell.crm("push", "--all")
    assert (code, "Sent: 0. Still waiting: 1, of them for a person: 1." in said) == (1, True), said
    assert "Traceback" not in said
    code, said = await shell.crm("preview", "77")
    assert (code, "no longer here" in said) == (1, True), said


async def test_a_move_from_the_command_line(shell: Shell) -> None:
    house = shell.house
    for number in range(1, 4):
        await house.send(f"Лид {number}", f"+7916{number:07d}")
    await house.work()
    code, said = await shell.crm("switch", "--to", "retailcrm")
    assert code == 0, said
    assert "Leads: 3, of them there already: 0." in said
    assert "All is copied" in said
    assert len(shell.retail.leads()) == 3
    code, said = await shell.crm("switch", "--activate")
    assert (code, "The new CRM is the active one" in said) == (0, True), said
    await house.send("Четвёртый", "+79170000004")
    code, said = await shell.crm("switch", "--finish")
    assert (code, "The move is complete" in said) == (0, True), said


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_two_crms_are_compared_in_a_file(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "compared.html"
    code, said = await shell.crm("diff", "EspoCRM", "bitrix24", "--to", str(target))
    assert (code, "EspoCRM — Bitrix24." in said, str(target) in said) == (0, True, True), said
    page = target.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "cExternalId" in page
    assert "ORIGIN_ID" in page or "originId" in page
    for left, right in (("espocrm", "espocrm"), ("espocrm", "salesforce")):
        code, said = await shell.crm("diff", left, right, "--to", str(tmp_path / "none.html"))
        assert (code, "two different CRMs" in said, "retailcrm" in said) == (1, True, True), said
    assert not (tmp_path / "none.html").exists()


def test_the_organization_must_be_clear() -> None:
    first = Organization(new_id(), "Ромашка", "ru", "RU", "Europe/Moscow", True, 90)
    second = Organization(new_id(), "Лютик", "ru", "RU", "Europe/Moscow", True, 90)
    assert choose([first], "") is first
    assert choose([first, second], "лютик") is second
    assert choose([first, second], str(first.id)) is first
    for wanted in ("", "Роза"):
        with pytest.raises(SettingsError, match="Лютик"):
            choose([first, second], wanted)
