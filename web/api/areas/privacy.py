"""The record of actions, and personal data of people outside."""

from domain.audit import Sought
from web.api.endpoint import Call, Endpoint
from web.api.models.base import Page, page_of
from web.api.models.privacy import (
    AuditAsked,
    AuditEntry,
    PersonAsked,
    PersonErased,
    PersonFile,
    PersonGone,
    PersonHeld,
    entry_out,
    file_out,
    gone_out,
    held_out,
)

TAG = "privacy"


async def record(call: Call) -> Page[AuditEntry]:
    asked = call.asked(AuditAsked)
    sought = Sought(asked.member_id, asked.kind, asked.entity_id, asked.since, asked.until, asked.lead)
    found, total = await call.services.audit_record.browse(call.member, sought, asked.limit, asked.offset)
    return Page[AuditEntry](**page_of([entry_out(one) for one in found], total, asked))


async def look(call: Call) -> PersonHeld:
    return held_out(await call.services.personal_data.look(call.member, call.given(PersonAsked).person))


async def export(call: Call) -> PersonFile:
    return file_out(await call.services.personal_data.export(call.member, call.given(PersonAsked).person))


async def erase(call: Call) -> PersonGone:
    given = call.given(PersonErased)
    return gone_out(await call.services.personal_data.erase(call.member, given.person, given.confirm))


FIELDS = {"phone": "person", "email": "person"}
ENDPOINTS = (
    Endpoint(
        "list_audit", "GET", "/api/audit", "audit:read", record, TAG, "Who did what, the newest first",
        answer=Page[AuditEntry], query=AuditAsked,
    ),
    Endpoint(
        "look_at_person", "POST", "/api/privacy/look", "privacy:write", look, TAG,
        "How much is held on somebody", answer=PersonHeld, body=PersonAsked, fields=FIELDS,
    ),
    Endpoint(
        "export_person", "POST", "/api/privacy/export", "privacy:write", export, TAG,
        "Everything that is held on somebody", answer=PersonFile, body=PersonAsked, fields=FIELDS,
    ),
    Endpoint(
        "erase_person", "POST", "/api/privacy/erase", "privacy:write", erase, TAG,
        "Erase somebody's data for good; look first", answer=PersonGone, body=PersonErased, fields=FIELDS,
        outside=True,
    ),
)  # fmt: skip
