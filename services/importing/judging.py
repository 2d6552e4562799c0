"""What becomes of the rows of a page: new, known here, twins of rows above, or bad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.importing import BadRow, RowLead, Verdict
from storage.db import Session
from storage.importing import imports as rows


@dataclass(slots=True)
class Judged:
    """A row with its verdict: `lead_id` is the lead that has its contact, `reason` why it is not taken."""

    row: int
    verdict: Verdict
    lead: RowLead | None = None
    lead_id: UUID | None = None
    reason: str = ""


@dataclass(slots=True)
class Judge:
    """Judges the pages of one file in their order. Leads untouched since `free_before` are free."""

    free_before: datetime
    seen: dict[str, int] = field(default_factory=dict)

    def remember(self, page: Sequence[RowLead | BadRow]) -> None:
        """Go over a page that was worked off before."""
        for one in page:
            if isinstance(one, RowLead):
                for value in one.contacts():
                    self.seen.setdefault(value, one.row)

    async def judge(self, s: Session, page: Sequence[RowLead | BadRow]) -> list[Judged]:
        """The verdicts, `known` for every row whose contact a lead in work has."""
        good = [one for one in page if isinstance(one, RowLead)]
        values = {value for one in good for value in (*one.phones, *one.emails)}
        inns = {one.inn for one in good if one.inn}
        known = await rows.known_contacts(s, values, inns, self.free_before) if good else {}
        return [self._one(one, known) for one in page]

    def _one(self, one: RowLead | BadRow, known: Mapping[str, UUID]) -> Judged:
        if isinstance(one, BadRow):
            return Judged(one.row, Verdict.BAD, reason=one.stored())
        contacts = one.contacts()
        twin = next((self.seen[value] for value in contacts if value in self.seen), None)
        if twin is not None:
            return Judged(one.row, Verdict.TWIN, one, reason=f"twin.{twin}@-1")
        for value in contacts:
            self.seen[value] = one.row
        lead_id = next((known[value] for value in contacts if value in known), None)
        if lead_id is not None:
            return Judged(one.row, Verdict.KNOWN, one, lead_id)
        return Judged(one.row, Verdict.NEW, one)
