"""Many deals in three requests: who the people are, contacts for those who are new, and the deals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm_adapters.bitrix24.api import Record
from crm_adapters.bitrix24.finding import Found, find_many
from crm_adapters.bitrix24.mapping import lead_to
from crm_adapters.bitrix24.records import LeadRecords
from domain.crm import CrmLead, RemoteRef
from domain.errors import CrmError, CrmUnavailable, CrmUncertain

if TYPE_CHECKING:
    from crm_adapters.bitrix24.deals import DealRecords

Person = int | CrmError


class ContactRecords(LeadRecords):
    """Contacts, as people are kept on portals without leads."""

    entity = "contact"

    async def find_many(self, leads: Sequence[CrmLead]) -> list[Found]:
        return await find_many(self, leads, "CONTACT", "id")


async def create_many(book: "DealRecords", leads: Sequence[CrmLead]) -> list[RemoteRef | CrmError]:
    """For each lead its deal, or its own error. Raises what became of a request as a whole: CrmUncertain only
    if deals may have been made."""
    people = await _people(book, leads)
    bodies: dict[int, Record] = {}
    made: dict[int, RemoteRef | CrmError] = {}
    for n, lead in enumerate(leads):
        person = people.get(n)
        if person is None:
            continue
        if isinstance(person, CrmError):
            made[n] = person
            continue
        body = lead_to(lead, book.mapping, book.entity)
        bodies[n] = {**body, **({"contactId": person} if person else {})}
    answers = await book.add_many(book.entity, list(bodies.values())) if bodies else []
    for n, answer in zip(bodies, answers, strict=True):
        made[n] = answer if isinstance(answer, CrmError) else book.ref(answer)
    for n in range(len(leads)):
        if n not in made:
            made[n] = await _alone(book, leads[n])
    return [made[n] for n in range(len(leads))]


async def _alone(book: "DealRecords", lead: CrmLead) -> RemoteRef | CrmError:
    """Somebody whose contact has just been made with another lead of this batch: he is found now."""
    try:
        return await book.create(lead)
    except CrmError as error:
        return error


async def _people(book: "DealRecords", leads: Sequence[CrmLead]) -> dict[int, Person]:
    """Ids of contacts by place, 0 for a lead without any person. Without those who share a phone or e-mail
    with another newcomer."""
    contacts = ContactRecords(book.api, book.mapping)
    people: dict[int, Person] = {}
    new: dict[int, Record] = {}
    taken: set[str] = set()
    for n, (lead, found) in enumerate(zip(leads, await contacts.find_many(leads), strict=True)):
        values = {*lead.phones, *lead.emails}
        if isinstance(found, CrmError):
            people[n] = found
        elif found:
            people[n] = min(int(match.lead.ref.id) for match in found)
        elif not (lead.name or values):
            people[n] = 0
        elif not values & taken:
            taken |= values
            new[n] = lead_to(lead, book.mapping, contacts.entity)
    return people | await _made(contacts, new)


async def _made(contacts: ContactRecords, new: Mapping[int, Record]) -> dict[int, Person]:
    """New contacts. One that was made unheard is found by our id the next time, and no deal was made yet."""
    try:
        answers: Sequence[Any] = await contacts.add_many(contacts.entity, list(new.values())) if new else []
    except CrmUncertain as error:
        raise CrmUnavailable(error.reason, error.retry_at) from None
    people: dict[int, Person] = {}
    for n, answer in zip(new, answers, strict=True):
        if isinstance(answer, CrmUncertain):
            people[n] = CrmUnavailable(answer.reason, answer.retry_at)
        else:
            people[n] = answer if isinstance(answer, CrmError) else int(answer["id"])
    return people
