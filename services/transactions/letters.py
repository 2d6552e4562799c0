"""Letters to those who look after sources of purchases: one fails, one works again."""

from collections.abc import Callable, Sequence

from domain.members import Member
from services.clock import Clock
from services.transactions.view import SourceView, view_of
from storage.db import Session
from storage.delivery import integrations
from storage.messages import mails
from storage.replicas.signals import Signals
from storage.transactions.transaction_sources import Source

Wording = Callable[[str, SourceView, Member], tuple[str, str]]
"""(kind of the notice, the source, whoever gets the letter) -> (subject, text), in the member's language."""


class SourceLetters:
    """Owes them where letters can be sent; the mailer sends them."""

    def __init__(self, clock: Clock, signals: Signals, wording: Wording) -> None:
        self.clock, self.signals, self.wording = clock, signals, wording

    async def owe(self, s: Session, source: Source, kind: str, members: Sequence[Member]) -> None:
        """One letter to each address that the profiles of `members` name, in the caller's transaction."""
        to = {email.lower(): member for member in members if (email := member.profile.get("email", ""))}
        if not to:
            return
        row = await integrations.get(s, source.integration_id) if source.integration_id else None
        view = view_of(source, row, self.clock())
        for email, member in sorted(to.items()):
            subject, text = self.wording(kind, view, member)
            letter = {
                "to": email,
                "subject": subject,
                "text": text,
                "sender_name": member.organization_name,
                "reply_to": "",
            }
            await mails.owe(s, member.telegram_id, None, letter, self.clock())
        s.after_commit(lambda: self.signals.wake(mails.KIND))
