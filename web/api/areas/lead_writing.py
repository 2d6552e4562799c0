"""Writing a lead as the API is asked to: each part by the use case that the chat calls for it.

All of it happens in the request's one transaction, so that a part that is refused takes back the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

from domain.contacts import ContactDraft
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_email
from domain.leads import Lead, LeadDraft
from domain.phones import read_phone
from web.api.endpoint import Call
from web.api.models.leads import LeadChange, LeadIn

PLAIN = {
    "name": "name",
    "company_name": "company",
    "inn": "inn",
    "segment": "segment",
    "product": "product",
    "region": "region",
    "source": "source",
    "notes": "note",
    "email": "email",
    "primary_phone": "phone",
}
"""Fields of a change whose texts the use case takes as they are, by the API's names."""


async def created(call: Call, given: LeadIn) -> Lead:
    """A new lead with all that was given. Raises what the use cases raise."""
    services, member = call.services, call.member
    await _demand_pipeline(call, given.pipeline_id)
    draft = LeadDraft(
        name=given.name,
        company=given.company_name,
        phones=tuple(dict.fromkeys(one for one in (given.primary_phone, *given.phones) if one)),
        emails=tuple(dict.fromkeys(one for one in (given.email, *given.emails) if one)),
        inn=given.inn,
        amount=given.amount,
        note=given.notes,
        source=given.source.strip() or "api",
        referral_code=given.referral_code,
        utm=dict(given.utm),
        custom=await _own_fields(call, given),
        pipeline_id=given.pipeline_id,
    )
    lead = await services.leads.create(member, draft, receipt=False)
    around: dict[str, str | Decimal] = {
        "segment": given.segment, "product": given.product, "region": given.region,
        "tags": ",".join(given.tags),
    }  # fmt: skip
    more = {name: value for name, value in around.items() if str(value).strip()}
    if more:
        lead = await services.leads.change(member, lead.id, more)
    await _add_contacts(call, lead, given)
    if given.stage_id is not None:
        lead = await moved(call, lead, given.stage_id, "")
    if given.assigned_to is not None:
        lead = await assigned(call, lead, given.assigned_to)
    if more or given.contacts or given.stage_id or given.assigned_to:
        return await services.leads.get(member, lead.id)
    return lead


async def _own_fields(call: Call, given: LeadIn) -> dict[str, str]:
    """Values of the organization's own fields as they are kept."""
    await _demand_known(call, given.custom_fields, given.pipeline_id)
    read: dict[str, str] = {}
    for key, value in given.custom_fields.items():
        with _of_field(key):
            read |= await call.services.custom_fields.read(call.member, given.pipeline_id, {key: value})
    return read


async def _add_contacts(call: Call, lead: Lead, given: LeadIn) -> None:
    """The people behind it; the first one added is the primary one."""
    for one in sorted(given.contacts, key=lambda one: not one.is_primary):
        draft = ContactDraft(one.full_name, one.position, one.phone or "", one.email or "", one.decides)
        await call.services.contacts.add(call.member, lead.id, draft)


async def changed(call: Call, lead_id: UUID, given: LeadChange) -> Lead:
    """Write the fields that were given; null empties one."""
    services, member = call.services, call.member
    named = given.model_fields_set
    lead = await services.leads.get(member, lead_id)
    if fields := _plain(given, named):
        lead = await services.leads.change(member, lead_id, fields)
    for name, kind in (("phones", "phone"), ("emails", "email")):
        if name in named:
            lead = await _points(call, lead, kind, getattr(given, name) or ())
    if given.custom_fields:
        await _demand_known(call, given.custom_fields, lead.stage.pipeline_id)
        for key, value in given.custom_fields.items():
            with _of_field(key):
                lead = await services.custom_fields.set_value(member, lead_id, key, value or "")
    if given.stage_id is not None:
        lead = await moved(call, lead, given.stage_id, given.reason)
    if "assigned_to" in named:
        lead = await assigned(call, lead, given.assigned_to)
    return lead


async def moved(call: Call, lead: Lead, stage_id: UUID, reason: str) -> Lead:
    """Put the lead on a stage. Raises BadInput("stage_id", "gone") for one that is not in use."""
    try:
        return await call.services.pipeline.move(call.member, lead.id, stage_id, reason)
    except TooLate as error:
        if error.what != "stage_gone":
            raise
        raise BadInput("stage_id", "gone") from None


async def assigned(call: Call, lead: Lead, to: UUID | None) -> Lead:
    """Give the lead to somebody, or back; whoever gives a free one to themselves takes it."""
    if to == lead.assignee_id:
        return lead
    if to == call.member.id and lead.is_up_for_all:
        return await call.services.pipeline.take(call.member, lead.id)
    if to is None:
        return await call.services.hand_overs.give_back(call.member, lead.id, lead.assignee_id)
    try:
        return await call.services.hand_overs.give(call.member, lead.id, to, seen=lead.assignee_id)
    except NotFound as error:
        if error.params.get("what") != "member":
            raise
        raise BadInput("assigned_to", "gone") from None


def _plain(given: LeadChange, named: set[str]) -> dict[str, str | Decimal]:
    fields: dict[str, str | Decimal] = {
        ours: getattr(given, name) or "" for name, ours in PLAIN.items() if name in named
    }
    if "amount" in named:
        fields["amount"] = given.amount if given.amount is not None else ""
    if "tags" in named:
        fields["tags"] = ",".join(given.tags or ())
    return fields


async def _points(call: Call, lead: Lead, kind: str, typed: Sequence[str]) -> Lead:
    """Make the lead's phones or e-mails those that were given, the first of them the primary one."""
    contacts, member = call.services.contacts, call.member
    wanted = {(read_phone(one, member.region) if kind == "phone" else read_email(one)): one for one in typed}
    known = lead.phones if kind == "phone" else lead.emails
    for value, one in wanted.items():
        if value not in known:
            lead = await contacts.add_point(member, lead.id, kind, one)
    for value in known:
        if value not in wanted:
            lead = await contacts.remove_point(member, lead.id, kind, value)
    return await contacts.make_point_primary(member, lead.id, kind, next(iter(wanted))) if wanted else lead


@contextmanager
def _of_field(key: str) -> Iterator[None]:
    """A value that cannot be read is told of under the field's own name."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"custom_fields.{key}", error.reason) from None


async def _demand_known(call: Call, given: Mapping[str, object], pipeline_id: UUID | None) -> None:
    """Raises BadInput for a custom field that there is not, or that the member does not see."""
    if given:
        fields = await call.services.custom_fields.for_member(call.member, pipeline_id)
        unknown = set(given) - {one.key for one in fields}
        if unknown:
            wrong = {f"custom_fields.{key}": "unknown" for key in sorted(unknown)}
            raise BadInput("custom_fields", "unknown", fields=wrong)


async def _demand_pipeline(call: Call, pipeline_id: UUID | None) -> None:
    if pipeline_id is not None:
        used = await call.services.pipeline.pipelines(call.member)
        if pipeline_id not in {one.id for one in used}:
            raise BadInput("pipeline_id", "gone")
