"""What becomes what in the CRM: seen, changed, brought back, and compared with the CRM's own fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_adapters import PROVIDERS, base, build_adapter, mapping_fit
from domain.crm import RemoteField
from domain.delivery import OperationState
from domain.errors import BadInput, CrmMisconfigured, CrmUnsupported, NotFound, TooLate
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.connections.adapters import Connected
from services.connections.integrations import Integrations
from services.delivery.outbox import TOPIC
from services.mapping import files as mapping_files
from services.mapping import tree as mapping_tree
from services.mapping.diff import MappingDiff, diff
from services.mapping.guard import effective, fields_of
from services.mapping.made import asked_field
from services.mapping.view import Changes, CheckView, FieldPage, MappingView, changes_between, view_of
from storage.db import Database, Session
from storage.delivery import integrations as rows
from storage.delivery import mappings, operations
from storage.delivery.integrations import Integration
from storage.pipelines import stages as stage_rows
from storage.planning import activities as audit_rows
from storage.replicas.signals import Signals

PAGE = 8
Change = Callable[[dict[str, Any]], dict[str, Any]]
"""The mapping in force -> the one that is wanted."""


class Mappings:
    """Use cases on the mapping of the active integration. Those that look at the CRM (`fields`, `check`,
    `create_field`, `set_source`) are for work outside of a transaction."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        integrations: Integrations,
    ) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self.integrations, self.guard = integrations, integrations.guard

    @needs(Right.CRM_MANAGE)
    async def view(self, member: Member) -> MappingView:
        """The mapping in force. Raises NotFound without a connection."""
        async with self.db.reading(member.organization_id) as session:
            row = await self._active(session)
            stored = await mappings.read(session, row.id)
            stages = await stage_rows.list_stages(session)
        return view_of(row, stored, effective(row), stages)

    @needs(Right.CRM_MANAGE)
    async def clear_rule(self, member: Member, mark: str) -> Changes:
        """Write nothing there any more. Raises NotFound for a rule that is gone."""
        record, attribute = await self._place(member, mark)
        return await self._change(member, lambda t: mapping_tree.with_rule(t, record, attribute, None))

    @needs(Right.CRM_MANAGE)
    async def reset_rule(self, member: Member, record: str, attribute: str) -> Changes:
        """The rule as it is shipped; away, where none is shipped."""
        async with self.db.reading(member.organization_id) as session:
            row = await self._active(session)
        shipped = PROVIDERS[row.provider].default_mapping.get(record, {}).get(attribute)
        return await self._change(member, lambda t: mapping_tree.with_rule(t, record, attribute, shipped))

    @needs(Right.CRM_MANAGE)
    async def reset(self, member: Member) -> Changes:
        """The whole mapping as it is shipped."""
        async with self.db.reading(member.organization_id) as session:
            row = await self._active(session)
        return await self._change(member, lambda _tree: dict(PROVIDERS[row.provider].default_mapping))

    @needs(Right.CRM_MANAGE)
    async def set_option(self, member: Member, enum: str, word: str, option: str | bool | None) -> Changes:
        """What our word means in that table of the CRM's words; None takes the word out. Raises BadInput."""
        cleaned = word.strip()
        if not cleaned or len(cleaned) > mapping_files.LONGEST_WORD:
            raise BadInput("word", "required" if not cleaned else "too_long")
        return await self._change(member, lambda t: mapping_tree.with_option(t, enum, cleaned, option))

    @needs(Right.CRM_MANAGE)
    async def set_source(self, member: Member, record: str, attribute: str, source: str) -> Changes:
        """Write our `source` (stage, utm.campaign, custom.language ...) into that field. Asks the CRM for the
        field's type. Raises BadInput, NotFound for a field that the CRM does not have, CrmError."""
        connected = await self._connected(member)
        field = mapping_fit.found(await self._fields(connected), record, attribute)
        if field is None:
            raise NotFound(record="field")
        if not field.writable:
            raise BadInput("mapping", "read_only", at=f"{record}.{attribute}")
        default = PROVIDERS[connected.row.provider].default_mapping
        rule = mapping_tree.rule_for(default, field, source)
        return await self._change(member, lambda tree: mapping_tree.with_rule(tree, record, field.name, rule))

    @needs(Right.CRM_MANAGE)
    async def undo(self, member: Member) -> Changes:
        """Bring the version before back. Raises TooLate when there is none."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._active(session)
            stored = await mappings.read(session, row.id, to_change=True)
            if not stored.versions:
                raise TooLate("nothing_to_undo")
            earlier, *rest = stored.versions
            default = PROVIDERS[row.provider].default_mapping
            before = mapping_tree.overlaid(default, stored.overrides)
            after = mapping_tree.overlaid(default, earlier["mapping"])
            self._check(row, earlier["mapping"])
            await self._keep(session, member, row, earlier["mapping"], rest, "mapping.undo")
        return changes_between(before, after)

    @needs(Right.CRM_MANAGE)
    async def export(self, member: Member, kind: str = "toml") -> tuple[str, bytes]:
        """(name of the file, the whole mapping in force as `toml` or `yaml`)."""
        async with self.db.reading(member.organization_id) as session:
            row = await self._active(session)
        return f"mapping-{row.provider}.{kind}", mapping_files.written(effective(row), kind, row.provider)

    @needs(Right.CRM_MANAGE)
    async def take_file(self, member: Member, name: str, content: bytes) -> Changes:
        """Put the mapping of a file in force, all of it or nothing. What the file's tables do not name is
        taken out of them; tables that it lacks stay. Raises BadInput("mapping", reason, at=, line=)."""
        text = mapping_files.decoded(content)
        given = mapping_files.read(name, text)
        try:
            return await self._change(member, lambda tree: _replaced(tree, given), "mapping.import")
        except BadInput as error:
            line = mapping_files.line_of(text, str(error.params.get("at", "")))
            params = {key: value for key, value in error.params.items() if key not in ("field", "reason")}
            raise BadInput(error.field, error.reason, **{**params, "line": line}) from error

    @needs(Right.CRM_MANAGE)
    async def fields(self, member: Member, search: str = "", page: int = 0, source: str = "") -> FieldPage:
        """Fields of the CRM that take values, a page at a time: those whose name or title holds `search`.
        Raises CrmError, CrmUnsupported where the CRM tells none."""
        view = await self.view(member)
        wanted = search.strip().casefold()
        known = {(one.record, one.attribute): one for one in view.rules}
        found = [
            (
                one,
                next((known[one.record, n] for n in (one.name, *one.also) if (one.record, n) in known), None),
            )
            for one in await self._fields(await self._connected(member))
            if one.writable and wanted in f"{one.name} {one.title}".casefold()
        ]
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(page, 0), pages - 1)
        return FieldPage(tuple(found[page * PAGE : (page + 1) * PAGE]), len(found), page, pages)

    @needs(Right.CRM_MANAGE)
    async def field(self, member: Member, mark: str) -> RemoteField:
        """The CRM's field of a mark, with its options. Raises NotFound, CrmError."""
        for one in await self._fields(await self._connected(member)):
            if mark in [mapping_tree.mark_of(one.record, name) for name in (one.name, *one.also)]:
                return one
        raise NotFound(record="field")

    @needs(Right.CRM_MANAGE)
    async def check(self, member: Member) -> CheckView:
        """Compare the mapping with the CRM's fields, and let blocked writes go on where nothing stops them
        now. Raises CrmError, CrmUnsupported where the CRM tells no fields."""
        connected = await self._connected(member)
        fields = await self._fields(connected)
        return await self._checked(connected, fields)

    @needs(Right.CRM_MANAGE)
    async def create_field(self, member: Member, record: str, attribute: str) -> CheckView:
        """Make the field that a rule lacks, of the type that suits the rule, and check again. Raises
        CrmUnsupported where only people can, CrmAccessLost where the key may not, CrmRejected."""
        connected = await self._connected(member)
        if not isinstance(connected.adapter, base.FieldMaker):
            raise CrmUnsupported("create_field")
        tree = effective(connected.row, await self._fields(connected))
        wanted = asked_field(tree, record, attribute)
        made = await connected.adapter.create_field(wanted)
        if made.name != attribute:
            await self._change(
                member,
                lambda t: mapping_tree.renamed(t, record, attribute, made.name),
            )
            connected = await self._connected(member)
        return await self._checked(connected, await self._fields(connected))

    @needs(Right.CRM_MANAGE)
    async def diff(self, member: Member, left: str, right: str) -> MappingDiff:
        """Two CRMs side by side, with the organization's own changes where it has connected them. Raises
        BadInput("provider", "unknown" or "same")."""
        async with self.db.reading(member.organization_id) as session:
            known = await rows.every(session)
        # of several connections with one CRM the active one counts, else the newest
        ranked = sorted(known, key=lambda row: (row.active, row.id))
        own = {row.provider: row.mapping for row in ranked}
        return diff(left, right, own)

    async def _checked(self, connected: Connected, fields: Sequence[RemoteField]) -> CheckView:
        row = connected.row
        seen = await self.guard.look(row, fields)
        if not seen.stopping:
            async with self.db.transaction(row.organization_id) as session:
                await self._revive(session, row)
        missing = {mapping_fit.place_of(one) for one in seen.problems if one.code == "missing_field"}
        makes = isinstance(connected.adapter, base.FieldMaker)
        return CheckView(
            PROVIDERS[row.provider].manifest.title,
            tuple(seen.problems),
            tuple(seen.stopping),
            frozenset(missing if makes else ()),
        )

    async def _change(self, member: Member, change: Change, action: str = "mapping.change") -> Changes:
        """Check the wanted mapping as a whole, then keep it beside the version before."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._active(session)
            stored = await mappings.read(session, row.id, to_change=True)
            default = PROVIDERS[row.provider].default_mapping
            before = mapping_tree.overlaid(default, stored.overrides)
            after = change(before)
            overrides = mapping_tree.difference(default, after)
            self._check(row, overrides)
            changes = changes_between(before, after)
            if changes:
                version = {
                    "mapping": dict(stored.overrides),
                    "at": self.clock().isoformat(),
                    "by": member.name,
                }
                await self._keep(session, member, row, overrides, [version, *stored.versions], action)
        return changes

    async def _keep(
        self,
        session: Session,
        member: Member,
        row: Integration,
        overrides: Mapping[str, Any],
        versions: Sequence[Any],
        action: str,
    ) -> None:
        await mappings.keep(session, row.id, overrides, versions)
        await audit_rows.add_audit(session, member.id, action, "integration", row.id, self.clock())
        await self._revive(session, row)

    async def _revive(self, session: Session, row: Integration) -> None:
        """What the mapping had stopped is worth another look."""
        if row.last_error == CrmMisconfigured.code:
            await rows.change(session, row.id, last_error="")
        await operations.revive(session, row.id, (OperationState.BLOCKED,), self.clock())
        session.after_commit(lambda: self.guard.forget(row.id))
        session.after_commit(lambda: self.signals.wake(TOPIC))

    def _check(self, row: Integration, overrides: Mapping[str, Any]) -> None:
        """Raise BadInput("mapping", ...) unless an adapter can work by it."""
        settings = self.integrations.connections.settings_of(row)
        build_adapter(row.provider, settings, overrides, self.integrations.http, self.clock)

    async def _place(self, member: Member, mark: str) -> tuple[str, str]:
        rule = (await self.view(member)).rule(mark)
        if rule is None:
            raise NotFound(record="rule")
        return rule.record, rule.attribute

    async def _active(self, session: Session) -> Integration:
        row = await rows.active(session)
        if row is None:
            raise NotFound(record="integration")
        return row

    async def _connected(self, member: Member) -> Connected:
        async with self.db.reading(member.organization_id) as session:
            row = await self._active(session)
        return await self.integrations.connected(row.id)

    async def _fields(self, connected: Connected) -> Sequence[RemoteField]:
        fields = await fields_of(connected)
        if fields is None:
            raise CrmUnsupported("fields")
        return fields


def _replaced(tree: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with the tables of a file in place of its own; of the enums, table by table."""
    enums = {**tree.get(mapping_tree.ENUMS, {}), **_mapping(given.get(mapping_tree.ENUMS, {}), "enums")}
    return {**tree, **given, mapping_tree.ENUMS: enums}


def _mapping(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadInput("mapping", "wrong_type", at=at)
    return value
