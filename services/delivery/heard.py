"""What a group of deliveries tells of, and what becomes of each of them. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from crm_adapters import PROVIDERS
from domain.crm import CrmEventKind
from domain.errors import CrmAccessLost, CrmRateLimited, CrmUnavailable, TooLate, VoronkaError
from services.two_ways.incoming import Applied
from storage.hooks_in.inbox import InboxRow, InboxState

_FOLLOWED = frozenset(
    {
        CrmEventKind.LEAD_CREATED,
        CrmEventKind.LEAD_CHANGED,
        CrmEventKind.LEAD_DELETED,
        CrmEventKind.TRANSACTION_CHANGED,
    }
)
_NO_ANSWER = (CrmUnavailable, CrmRateLimited, CrmAccessLost)
LATER = (*_NO_ANSWER, TooLate)
"""Errors after which a delivery is worth another try."""

Outcome = Applied | Exception
"""What became of a record."""


def followed_in(row: InboxRow) -> list[str]:
    """Ids of the records that a delivery tells of, each once, if they are followed; an empty one tells that
    some purchase has changed. Raises BadInput."""
    events = PROVIDERS[row.provider].parse(row.event, row.body)
    return list(dict.fromkeys(one.external_id for one in events if one.kind in _FOLLOWED))


def tells_of_transactions(provider: str) -> bool:
    """Whether deliveries of the provider may be about purchases."""
    return provider in PROVIDERS and "transactions" in PROVIDERS[provider].manifest.serves


class Heard:
    """Deliveries of one integration and the records they tell of, in the order of the first mention."""

    def __init__(self) -> None:
        self.rows: list[InboxRow] = []
        self.records: dict[str, datetime] = {}
        """Each with the moment at which the newest delivery about it came (UTC)."""
        self.stopped = False
        """The CRM answers nobody: what was not read yet has to wait."""
        self._named: list[list[str]] = []
        self._outcomes: dict[str, Outcome] = {}
        self._failed: list[tuple[InboxRow, str]] = []

    def add(self, row: InboxRow, records: list[str]) -> None:
        self.rows.append(row)
        self._named.append(records)
        for record in records:
            self.records[record] = max(row.received_at, self.records.get(record, row.received_at))

    def failed(self, row: InboxRow, error: str) -> None:
        """It cannot be read."""
        self._failed.append((row, error))

    def learn(self, record: str, outcome: Outcome) -> None:
        self._outcomes[record] = outcome
        self.stopped = self.stopped or isinstance(outcome, _NO_ANSWER)

    def told_at(self, record: str) -> datetime:
        return self.records[record]

    def about(self, record: str) -> list[str]:
        """Ids of the deliveries that name a record."""
        return [str(row.id) for row, named in zip(self.rows, self._named, strict=True) if record in named]

    def settled(self) -> Iterator[tuple[tuple[InboxState, str], Sequence[InboxRow]]]:
        """Deliveries with the same last word on them, and the word: (state, error)."""
        words: dict[tuple[InboxState, str], list[InboxRow]] = {}
        for row, error in self._failed:
            words.setdefault((InboxState.FAILED, error), []).append(row)
        for row, named in zip(self.rows, self._named, strict=True):
            word = self._word(named)
            if word is not None:
                words.setdefault(word, []).append(row)
        yield from words.items()

    def unsettled(self) -> Iterator[tuple[InboxRow, VoronkaError | None]]:
        """Deliveries with a record that could not be followed, and its error; None for one never tried."""
        for row, named in zip(self.rows, self._named, strict=True):
            if self._word(named) is None:
                errors = [self._outcomes.get(record) for record in named]
                yield row, next((one for one in errors if isinstance(one, VoronkaError)), None)

    def _word(self, named: Sequence[str]) -> tuple[InboxState, str] | None:
        """None while not all that a delivery tells of has been followed."""
        if any(isinstance(self._outcomes.get(record), VoronkaError | None) for record in named):
            return None
        faults = [one for one in map(self._outcomes.get, named) if isinstance(one, Exception)]
        if faults:
            return InboxState.FAILED, type(faults[0]).__name__
        done = {self._outcomes[record] for record in named} - {Applied.IGNORED}
        return (InboxState.DONE if done else InboxState.IGNORED), ""
