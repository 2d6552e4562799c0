"""What stands around a lead: contacts, files, an organization's own fields, messages and letters."""

from typing import TypedDict

from bot.settings import Settings
from bot.telegram.files import telegram_files
from handlers.words import known_answers
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.contacts import Contacts
from services.leads.custom_fields import CustomFields
from services.leads.files import Files
from services.leads.leads import Leads
from services.leads.stored_files import StoredFiles
from services.messages.notices import Notices
from services.messages.templates import Templates
from storage.db import Database
from storage.replicas.signals import Signals


class AroundLeads(TypedDict):
    """The fields of Services that are built here."""

    contacts: Contacts
    custom_fields: CustomFields
    files: Files
    templates: Templates


def around_leads(
    settings: Settings, db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices,
    leads: Leads, stored: StoredFiles,
) -> AroundLeads:  # fmt: skip
    """Wire them; letters go out where SMTP_URL is set."""
    fields = CustomFields(db, clock, leads, known_answers)
    return AroundLeads(
        contacts=Contacts(db, clock, outbox, notices),
        custom_fields=fields,
        files=Files(
            db, clock, notices, fields, telegram_files(str(settings.bot_api_url), settings.bot_token), stored
        ),
        templates=Templates(db, clock, signals, outbox, notices, fields, mailing=bool(settings.smtp_url)),
    )
