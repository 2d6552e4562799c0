"""What stands around a lead: contacts, files, an organization's own fields, messages and letters."""

from typing import TypedDict

from bot.settings import Settings
from bot.telegram.files import telegram_files
from handlers.words import known_answers
from services.clock import Clock
from services.contacts import Contacts
from services.custom_fields import CustomFields
from services.delivery.outbox import Outbox
from services.files import Files
from services.leads import Leads
from services.mailer import Mailer, SmtpServer
from services.notices import Notices
from services.templates import Templates
from storage.db import Database
from storage.replicas.signals import Signals


class AroundLeads(TypedDict):
    """The fields of Services that are built here."""

    contacts: Contacts
    custom_fields: CustomFields
    files: Files
    mailer: Mailer
    templates: Templates


def around_leads(
    settings: Settings, db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices,
    leads: Leads,
) -> AroundLeads:  # fmt: skip
    """Wire them; letters go out where SMTP_URL is set."""
    fields = CustomFields(db, clock, leads, known_answers)
    server = SmtpServer.of(settings.smtp_url, settings.smtp_from) if settings.smtp_url else None
    return AroundLeads(
        contacts=Contacts(db, clock, outbox, notices),
        custom_fields=fields,
        files=Files(
            db, clock, notices, fields, telegram_files(str(settings.bot_api_url), settings.bot_token)
        ),
        mailer=Mailer(db, clock, signals, notices, server, settings.retry_delays),
        templates=Templates(db, clock, signals, outbox, notices, fields, mailing=server is not None),
    )
