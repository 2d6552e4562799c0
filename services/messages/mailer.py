"""Sending owed letters by SMTP: claimed with a lease, each in a thread, tried again later when it fails.

A letter's Message-ID is that of its row, so a letter that went out twice after a crash is one letter to
whoever receives it.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Self
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import BadInput
from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from storage.db import Database
from storage.messages import mails
from storage.messages.mails import OwedMail
from storage.replicas.signals import Signals

log = structlog.get_logger()

LEASE = timedelta(minutes=3)
BATCH = 10
SECONDS = 30.0
FLOOR = 5.0
"""Seconds after which owed letters are looked for even if nobody woke us."""
PORTS = {"smtp": 587, "smtps": 465}
FAILED = "mail.failed"
"""The push to whoever wrote a letter that was given up."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in. `tls` from the first byte (smtps) or by STARTTLS where it is offered."""

    host: str
    port: int
    tls: bool
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> Self:
        """Of smtp://user:password@host:587 or smtps://...; the sender is the user by default. Raises
        BadInput."""
        parts = urlsplit(url)
        user = unquote(parts.username or "")
        if parts.scheme not in PORTS or not parts.hostname or "@" not in (sender or user):
            raise BadInput("smtp_url", "invalid")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            user=user,
            password=unquote(parts.password or ""),
            sender=sender or user,
        )

    def send(self, letter: EmailMessage) -> None:
        """Hand the letter in; blocks. Raises OSError or smtplib.SMTPException."""
        with self._signed_in() as client:
            client.send_message(letter)

    def try_out(self) -> None:
        """Sign in and leave; blocks. Raises as `send`."""
        with self._signed_in():
            pass

    @contextmanager
    def _signed_in(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.tls:
            client: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        with client:
            client.ehlo()
            if not self.tls and client.has_extn("starttls"):
                client.starttls(context=context)
                client.ehlo()
            if self.user and self.password:
                client.login(self.user, self.password)
            yield client


class Mailer:
    """Works off owed letters."""

    def __init__(
        self, db: Database, clock: Clock, signals: Signals, notices: Notices, server: SmtpServer | None,
        delays: Sequence[timedelta], send: Callable[[EmailMessage], None] | None = None,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.signals, self.notices = db, clock, signals, notices
        self.server, self.delays = server, delays
        self._send = send or (server.send if server else None)

    @open_to("the scheduler")
    async def work_once(self) -> int:
        """Send what is due; returns how many letters were tried. Without a server nothing is."""
        if self.server is None:
            return 0
        async with self.db.transaction(system=True) as s:
            claimed = await mails.claim(s, self.clock(), LEASE, BATCH)
        for mail in claimed:
            await self._deliver(mail, self.server)
        return len(claimed)

    @open_to("the worker")
    async def loop(self, stop: asyncio.Event) -> None:
        """Send letters as they come, until `stop`."""
        away = False
        while not stop.is_set():
            tried = 0
            try:
                tried = await self.work_once()
                away = False
            except (SQLAlchemyError, OSError) as error:  # a letter under way is due again with its lease
                if not away:
                    log.warning("mail.no_database", error=type(error).__name__)
                away = True
            if not tried:
                await self.signals.wait(mails.KIND, FLOOR)

    async def _deliver(self, mail: OwedMail, server: SmtpServer) -> None:
        assert self._send is not None
        try:
            await asyncio.to_thread(self._send, letter_of(mail, server))
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail.failed", mail=str(mail.id), error=type(error).__name__, attempt=mail.attempts)
            await self._failed(mail, error)
            return
        async with self.db.transaction(system=True) as s:
            await mails.settle(s, mail.id, mails.SENT, sent_at=self.clock())

    async def _failed(self, mail: OwedMail, error: Exception) -> None:
        """Later, or never: then whoever wrote it is told. A letter of ours is only given up."""
        hopeless = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        hopeless = hopeless and not _passing(error)
        async with self.db.transaction(mail.organization_id, system=True) as s:
            if hopeless or mail.attempts > len(self.delays):
                await mails.settle(s, mail.id, mails.FAILED, error=type(error).__name__)
                if mail.lead_id is None:
                    return
                params = {"lead": str(mail.lead_id), "to": mail.to}
                await self.notices.owe(s, mail.chat_id, FAILED, params)
                return
            due = self.clock() + self.delays[mail.attempts - 1]
            await mails.settle(s, mail.id, mails.OWED, due_at=due, error=type(error).__name__)


def _passing(error: Exception) -> bool:
    """Whether the server's refusal is one for now: its codes from 400 to 499 (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(400 <= code < 500 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500


def letter_of(mail: OwedMail, server: SmtpServer) -> EmailMessage:
    """The letter with its headers."""
    letter = EmailMessage()
    letter["From"] = formataddr((mail.sender_name.replace("\n", " "), server.sender))
    letter["To"] = mail.to
    if mail.reply_to:
        letter["Reply-To"] = mail.reply_to
    letter["Subject"] = mail.subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{mail.id}@{server.sender.partition('@')[2]}>"
    letter.set_content(mail.text)
    return letter
