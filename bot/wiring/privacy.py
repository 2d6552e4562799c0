"""The record of actions and personal data, wired."""

from typing import TypedDict

from services.audit.chain import AuditChain
from services.audit.record import AuditRecord
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.messages.notices import Notices
from services.privacy.persons import OwnData, PersonalData
from services.privacy.retention import Retention
from storage.db import Database
from storage.secrets import Vault


class PrivacyServices(TypedDict):
    """The fields of Services that are built here."""

    audit_chain: AuditChain
    audit_record: AuditRecord
    own_data: OwnData
    personal_data: PersonalData
    retention: Retention


def privacy_services(
    db: Database, vault: Vault, clock: Clock, outbox: Outbox, notices: Notices
) -> PrivacyServices:
    """Wire them."""
    chain = AuditChain(db, vault, clock)
    return PrivacyServices(
        audit_chain=chain,
        audit_record=AuditRecord(db, clock),
        own_data=OwnData(db, clock),
        personal_data=PersonalData(db, clock, outbox, notices),
        retention=Retention(db, clock, chain),
    )
