"""One API request as a handler sees it: who asks, for which shop, about which record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.retailcrm.answers import invalid, missing, not_found, refusal
from sandbox.retailcrm.state import Actor, Key, Record, State

PERSON_MAKES = Actor("user", user_id=27)


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in: `args` are the variable parts of its path, `params` its query, `form` its body."""

    state: State
    key: Key
    args: tuple[str, ...]
    params: Mapping[str, Any]
    form: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        return Actor("api", key=self.key.text)

    @property
    def filter(self) -> dict[str, Any]:
        found = self.params.get("filter")
        return dict(found) if isinstance(found, dict) else {}

    def sites(self) -> tuple[str, ...]:
        """The shops the key sees."""
        return self.key.sites or tuple(self.state.references["sites"])

    def site(self) -> str:
        """The shop of a write or of a read by externalId: a key that sees several must name one."""
        given = self.form.get("site") or self.params.get("site")
        if given is None:
            if len(self.sites()) > 1:
                raise missing("site")
            return self.sites()[0]
        if given not in self.state.references["sites"]:
            raise invalid("site", f'Site with code "{given}" does not exist.')
        if given not in self.sites():
            raise refusal(403, "Access denied.")
        return str(given)

    def record(self, entity: str, which: str | None = None) -> Record:
        """The record of the path by `by`, which is externalId unless told otherwise. 404 when there is
        none; one that was merged names the record it lives on in."""
        wanted = self.args[0] if which is None else which
        by = self.form.get("by") or self.params.get("by") or "externalId"
        if by not in ("id", "externalId"):
            raise invalid("by", "This value is not valid.")
        if by == "id":
            number = int(wanted) if wanted.isdigit() else 0
            found = self.state.table(entity).get(number)
            if found is None or found.get("site", self.sites()[0]) not in self.sites():
                raise not_found(self.state.combined.get((entity, number)))
            return found
        found = by_external_id(self.state, entity, wanted, self.site())
        if found is None:
            raise not_found(self.state.merged_ids.get((entity, self.site(), wanted)))
        return found


def by_external_id(state: State, entity: str, external_id: str, site: str) -> Record | None:
    """externalId is unique within a shop."""
    return next(
        (
            record
            for record in state.table(entity).values()
            if record.get("externalId") == external_id and record.get("site") == site
        ),
        None,
    )
