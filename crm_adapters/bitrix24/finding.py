"""Finding many leads at once: few questions for all of them, and more only about those that have a namesake.

A search by phone or e-mail takes twenty values and answers with ids alone, at most twenty: enough to learn
that nobody of twenty is there. Whoever shares an answer with a hit is asked about by himself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from crm_adapters.bitrix24.api import MOST_COMMANDS, PAGE, Command, Record, branch
from domain.crm import CrmLead, Match, MatchedBy
from domain.errors import CrmError, CrmRejected

if TYPE_CHECKING:
    from crm_adapters.bitrix24.records import LeadRecords

MOST_IDS = 480
"""Our ids asked for in one command: PHP reads a thousand values of a request at most."""

MOST_VALUES = 20
Found = Sequence[Match] | CrmError

_T = TypeVar("_T")


async def find_many(book: "LeadRecords", leads: Sequence[CrmLead], kind: str, by: str) -> list[Found]:
    """For each lead what LeadRecords.find says of it, or its own error. `kind` are the records that have the
    phones (LEAD, CONTACT), `by` the field of our records that holds an id of theirs."""
    search = _Search(book, leads, kind, by)
    first = {**search.ours_commands(), **search.contact_commands()}
    answers = await ask(book, first)
    await search.take_ours(answers)
    await search.ask_about(search.suspects(answers))
    return search.outcome()


class _Search:
    """One call of find_many. Leads go by their place in the call."""

    def __init__(self, book: "LeadRecords", leads: Sequence[CrmLead], kind: str, by: str) -> None:
        self._book, self._leads, self._kind, self._by = book, leads, kind, by
        self._found: dict[int, Found] = {}
        self._values = {
            "PHONE": _shared({n: lead.phones for n, lead in enumerate(leads)}),
            "EMAIL": _shared({n: lead.emails for n, lead in enumerate(leads)}),
        }
        self._asked: dict[str, frozenset[int]] = {}

    def ours_commands(self) -> dict[str, Command]:
        """By our ids, some hundred a command; none where the mapping has no place for them."""
        commands: dict[str, Command] = {}
        for number, ids in enumerate(chunks([lead.our_id for lead in self._leads], MOST_IDS)):
            where = self._book.ours_where(ids, self._book.entity)
            if where:
                commands[f"ours{number}"] = Command("crm.item.list", self._book.query(where))
        return commands

    def contact_commands(self) -> dict[str, Command]:
        """By phones and e-mails, twenty a command. What each of them is about is kept."""
        commands: dict[str, Command] = {}
        for type_, owners in self._values.items():
            for number, values in enumerate(chunks(owners, MOST_VALUES)):
                key = f"{type_}{number}"
                commands[key] = by_contact(type_, values, self._kind)
                self._asked[key] = frozenset(n for value in values for n in owners[value])
        return commands

    async def take_ours(self, answers: Mapping[str, Any]) -> None:
        """Leads whose own records were found."""
        places: dict[str, list[int]] = {}
        for n, lead in enumerate(self._leads):
            places.setdefault(lead.our_id, []).append(n)
        for number, ids in enumerate(chunks([lead.our_id for lead in self._leads], MOST_IDS)):
            try:
                rows = await self._every_page(ids, answers.get(f"ours{number}"))
                matches = [Match(one, MatchedBy.OUR_ID) for one in await self._book.remotes(rows)]
            except CrmError as error:
                self._found |= {n: error for our_id in ids for n in places[our_id]}
                continue
            for our_id in {match.lead.our_id for match in matches}:
                own = [match for match in matches if match.lead.our_id == our_id]
                self._found |= dict.fromkeys(places[our_id], own)

    async def _every_page(self, ids: Sequence[str], answer: Any) -> list[Record]:
        book, wanted = self._book, frozenset(ids)
        rows = book.ours({"ours": answer}, wanted)
        page = rows
        while len(page) >= PAGE:
            where = {**book.ours_where(ids, book.entity), ">id": page[-1]["id"]}
            page = book.ours({"ours": await book.api.read("crm.item.list", book.query(where))}, wanted)
            rows += page
        return rows

    def suspects(self, answers: Mapping[str, Any]) -> list[int]:
        """Leads not found by our id that share a search with a hit, or with a refusal of any value."""
        open_: set[int] = set()
        for key, places in self._asked.items():
            left = places - self._found.keys()
            answer = answers.get(key)
            if isinstance(answer, CrmError) and not isinstance(answer, CrmRejected):
                self._found |= dict.fromkeys(left, answer)
            elif isinstance(answer, CrmRejected) or found_ids((answer,), self._kind):
                open_ |= left
        return sorted(open_ - self._found.keys())

    async def ask_about(self, places: Sequence[int]) -> None:
        """Each suspect by himself; then the records of all of them together."""
        commands = {
            f"n{n}{key}": command
            for n in places
            for key, command in contact_searches(self._leads[n], self._kind).items()
        }
        answers = await ask(self._book, commands)
        ids: dict[int, list[int]] = {}
        for n in places:
            own = [answers.get(f"n{n}{type_}") for type_ in ("PHONE", "EMAIL")]
            try:
                ids[n] = found_ids(own, self._kind)
            except CrmError as error:
                self._found[n] = error
        await self._take_records(ids)

    async def _take_records(self, ids: Mapping[int, Sequence[int]]) -> None:
        wanted = sorted({one for found in ids.values() for one in found})
        rows: list[Record] = []
        for part in chunks(wanted, PAGE):
            rows += await self._book.all_rows({f"@{self._by}": part})
        remotes = await self._book.remotes(rows)
        of_owner: dict[int, list[Match]] = {}
        for row, remote in zip(rows, remotes, strict=True):
            of_owner.setdefault(int(row[self._by]), []).append(Match(remote, MatchedBy.CONTACT))
        for n, owners in ids.items():
            same = [match for owner in owners for match in of_owner.get(owner, ())]
            self._found[n] = sorted(same, key=lambda match: int(match.lead.ref.id))[:PAGE]

    def outcome(self) -> list[Found]:
        return [self._found.get(n, []) for n in range(len(self._leads))]


def by_contact(type_: str, values: Sequence[str], kind: str) -> Command:
    """The command that looks for phones or e-mails (PHONE, EMAIL) among records of a kind."""
    params = {"type": type_, "values": list(values), "entity_type": kind}
    return Command("crm.duplicate.findbycomm", params)


def contact_searches(lead: CrmLead, kind: str) -> dict[str, Command]:
    """Commands that look for the lead's phones and e-mails among records of a kind: LEAD, CONTACT."""
    values = {"PHONE": lead.phones[:MOST_VALUES], "EMAIL": lead.emails[:MOST_VALUES]}
    return {name: by_contact(name, own, kind) for name, own in values.items() if own}


def found_ids(answers: Iterable[Any], kind: str) -> list[int]:
    """Ids, oldest first and a page of them at most, in the answers to such searches. Raises what went
    wrong."""
    ids: set[int] = set()
    for answer in answers:
        if isinstance(answer, CrmError):
            raise answer
        listing = branch(answer, kind)
        ids |= {int(number) for number in listing if str(number).isdigit()} if listing else set()
    return sorted(ids)[:PAGE]


async def ask(book: "LeadRecords", commands: Mapping[str, Command]) -> dict[str, Any | CrmError]:
    """Any number of commands, none of which makes a record, in as few batches as there can be."""
    answers: dict[str, Any | CrmError] = {}
    for keys in chunks(commands, MOST_COMMANDS):
        answers |= await book.api.batch({key: commands[key] for key in keys})
    return answers


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of `size` items, the last one of what is left."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part


def _shared(values: Mapping[int, Sequence[str]]) -> dict[str, list[int]]:
    """Each value once, with the places that have it; of one lead no more than a search takes."""
    owners: dict[str, list[int]] = {}
    for place, own in values.items():
        for value in dict.fromkeys(own[:MOST_VALUES]):
            owners.setdefault(value, []).append(place)
    return owners
