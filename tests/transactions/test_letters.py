"""Whoever looks after a source and has named an e-mail gets a letter beside the push."""

import sqlalchemy as sa

from domain.errors import CrmUnavailable
from services.messages.mailer import Mailer, SmtpServer
from storage.tables import members, people
from tests.chat.smtp import smtp
from tests.transactions.shop import LADDER, Shop


async def test_a_letter_after_three_failures_once_and_one_when_it_works_again(shop: Shop) -> None:
    await shop.connect()
    profile = {"email": "ada@example.com"}
    async with shop.db.transaction(shop.organization_id) as s:
        of = members.c.organization_id == shop.organization_id
        await s.execute(sa.update(members).where(of).values(profile=profile))
    async with shop.db.transaction(system=True) as s:
        await s.execute(sa.update(people).values(language="en"))
    async with smtp() as server:
        post = SmtpServer.of(f"smtp://127.0.0.1:{server.port}", "bot@example.com")
        mailer = Mailer(shop.db, shop.clock, shop.notices.signals, shop.notices, post, LADDER)
        shop.till.fails = CrmUnavailable("503")
        sent = []
        for _ in range(5):
            await _read(shop)
            await mailer.work_once()
            sent.append(len(server.letters))
        assert sent == [0, 0, 1, 1, 1]
        shop.till.fails = None
        for _ in range(2):
            await _read(shop)
            await mailer.work_once()
        failed, recovered = server.letters
        assert failed["To"] == recovered["To"] == "ada@example.com"
        assert failed["Subject"] == "Purchases of Till · Shop one do not come in"
        assert "Why: " in failed.get_content()
        assert recovered["Subject"] == "Purchases of Till · Shop one come in again"

        # a letter that nobody takes is given up, and is no failed letter about a lead
        server.unknown.add("ada@example.com")
        shop.till.fails = CrmUnavailable("503")
        for _ in range(3):
            await _read(shop)
            await mailer.work_once()
        assert [row.state for row in await shop.rows("notices")].count("mail_failed") == 1
        assert await shop.told("mail.failed") == 0


async def _read(shop: Shop) -> None:
    """The run of the next turn."""
    shop.clock.advance(3600)
    await shop.sync.run("one")
