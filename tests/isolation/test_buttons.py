"""Every button with an id, pressed with ids of another organization: nothing is told, nothing changes."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from aiogram import Router
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter

from domain.leads import LeadDraft
from domain.members import Role
from handlers.buttons import LeadButton
from handlers.contacts.contact_screens import ContactButton
from handlers.leads.file_screens import FileButton
from handlers.routes import routes
from storage.db import Session
from storage.row_security import OWN
from storage.tables import metadata
from tests.api.office import Office, open_office
from tests.databases import SqliteDatabases
from tests.isolation.everything import add_known
from tests.isolation.presses import Presser

EVE = 2001
CANARY = "Canary"
"""What everything of the first organization is called."""

OF = {
    "ActivityButton": "activities",
    "AnnounceButton": "announcements",
    "AnswerButton": "pipelines",
    "ApiKeyButton": "api_keys",
    "BadButton": "unreadable_transactions",
    "BonusButton": "customers",
    "ConflictButton": "conflicts",
    "ContactButton": "contacts",
    "CustomerButton": "customers",
    "DeletionButton": "links",
    "DeliveryButton": "inbox",
    "FieldButton": "custom_fields",
    "FileButton": "files",
    "HookButton": "hooks_out",
    "ImportButton": "imports",
    "InletButton": "hooks",
    "IntegrationButton": "integrations",
    "LeadButton": "leads",
    "LinkButton": "invites",
    "LoyaltyRuleButton": "loyalty_rules",
    "MakeSourceButton": "integrations",
    "MemberButton": "members",
    "OperationButton": "operations",
    "OrganizationButton": "organizations",
    "PersonButton": "members",
    "PipelineButton": "pipelines",
    "PlanButton": "leads",
    "RedemptionButton": "redemptions",
    "RuleButton": "assignment_rules",
    "RunButton": "bulk_runs",
    "RunLineButton": "transaction_runs",
    "SendingButton": "hook_sendings",
    "SourceButton": "transaction_sources",
    "StaffButton": "members",
    "StageButton": "stages",
    "SwitchButton": "switches",
    "TableButton": "imports",
    "TeamButton": "teams",
    "TemplateButton": "templates",
    "ToldButton": "notices",
}
"""The table of the id that a button carries, by the button's class."""

NEEDED = ("loyalty_accounts",)
"""Tables that rows of those hang on."""

ANY = ("show", "retry", "drop")
"""Tried where a handler takes whatever a button asks for."""

SEARCHES = ("#1", "/find #1", "89991234567", "4567", "/start ref_1000", "/start lead_1")
"""Words that would find the lead, without its name."""

NOT_WATCHED = ("notices", "audit")


WORDS = ("name", "title", "text", "note", "subject")
KINDS: dict[str, dict[str, Any]] = {
    "activities": {"type": "task"},
    "files": {"kind": "document", "file_id": "x"},
    "operations": {"kind": "lead.update", "state": "blocked"},
    "hook_sendings": {"type": "lead.changed", "state": "failed"},
    "inbox": {"state": "failed"},
    "integrations": {"provider": "espocrm"},
    "hooks": {"provider": "website"},
    "switches": {"state": "paused"},
    "imports": {"state": "done"},
    "redemptions": {"amount": Decimal(1)},
}
"""What these rows must say to be understood."""


def actions(router: Router) -> Iterator[tuple[type[CallbackData], str]]:
    """What buttons may ask for, as the filters of the handlers name it."""
    for handler in router.callback_query.handlers:
        for one in handler.filters or ():
            if isinstance(one.callback, CallbackQueryFilter):
                rule = one.callback.rule
                last: Any = rule._operations[-1] if rule is not None else None
                asked = getattr(last, "right", None) or next(iter(getattr(last, "args", ())), ANY)
                for do in (asked,) if isinstance(asked, str) else asked:
                    yield one.callback.callback_data, do
    for child in router.sub_routers:
        yield from actions(child)


def pressed(button: type[CallbackData], do: str, ids: dict[str, UUID]) -> str:
    """The data of a button that asks to `do` something with what is not ours."""
    given: dict[str, Any] = {}
    for name, field in button.model_fields.items():
        assert button.__name__ in OF, f"say in OF what {button.__name__} is of"
        by_type = {UUID: ids[OF[button.__name__]], int: 0, str: do if name == "do" else ""}
        given[name] = by_type[field.annotation or str]
    if "of" in given:
        given["of"] = "lead"
    return button(**given).pack()


async def furnish(s: Session, lead_id: UUID) -> dict[str, UUID]:
    """The id of a row in each table that buttons know."""
    ids = {"leads": lead_id, "organizations": s.tenant}
    for table in metadata.sorted_tables:
        if table.name in (*OF.values(), *NEEDED) and table.name not in ids:
            known = await s.scalar(sa.select(table.c.id).where(table.c[OWN] == s.tenant).limit(1))
            words = {word: CANARY for word in WORDS if word in table.c}
            ids[table.name] = known or await add_known(
                s, table, ids, **{**words, **KINDS.get(table.name, {})}
            )
    return ids


async def rows_of(office: Office) -> dict[str, list[str]]:
    async with office.product.db.reading(office.owner.organization_id) as s:
        return {
            name: sorted(map(str, await s.rows(sa.select(table).where(table.c[OWN] == s.tenant))))
            for name, table in metadata.tables.items()
            if OWN in table.c and not name.startswith(NOT_WATCHED)
        }


@pytest.fixture
async def office(sqlite_databases: SqliteDatabases, tmp_path: Path) -> AsyncIterator[Office]:
    """On SQLite, where the product's own rule stands alone."""
    async with open_office(await sqlite_databases.migrated(tmp_path)) as opened:
        yield opened


async def test_no_button_and_no_words_reach_what_others_have(office: Office) -> None:
    services, boss = office.product.services, office.owner
    draft = LeadDraft(name=CANARY, company=CANARY, phones=("+79991234567",))
    lead = await services.leads.create(boss, draft, receipt=False)
    async with office.product.db.transaction(boss.organization_id) as s:
        ids = await furnish(s, lead.id)
    own = Presser(office.product, boss.telegram_id)
    for button, do in ((LeadButton, "open"), (ContactButton, "show"), (FileButton, "show")):
        await own.press(pressed(button, do, ids))
    assert sum(CANARY in said for said in own.session.said) >= 3, (
        "the owner is shown what others must not see"
    )
    other = await services.belongings.create(boss, "Other")
    invite = await services.members.invite(other, Role.ADMIN)
    arrival = await services.members.arrive(EVE, "", "Eve", "en", invite.code)
    agreed = await services.members.give_consent(arrival.member, "1", "text")
    await services.members.register(agreed, "+79167654321", Role.ADMIN)
    before, eve = await rows_of(office), Presser(office.product, EVE)
    tried = sorted({pressed(button, do, ids) for button, do in actions_with_ids()})
    assert len(tried) > 250
    with structlog.testing.capture_logs() as logged:
        for data in tried:
            await eve.press(data)
        for words in SEARCHES:
            await eve.say(words)
            await eve.ask_inline(words)
    assert not [line for line in logged if line["log_level"] == "error"]
    assert eve.session.answered == len(tried)
    assert not [said for said in eve.session.said if CANARY in said]
    assert await rows_of(office) == before


def actions_with_ids() -> Iterator[tuple[type[CallbackData], str]]:
    for router in routes():
        for button, do in actions(router):
            if any(field.annotation is UUID for field in button.model_fields.values()):
                yield button, do
