"""Teams: groups and topics bound to pipelines, leads taken there, and groups that are lost."""

from collections.abc import Sequence
from uuid import UUID

from domain.errors import BadInput, NotAllowed, NotFound
from domain.leads import Lead
from domain.members import Member, Right
from domain.own_settings import last_before, read_time
from domain.teams import MERGED_AT_MOST, Team
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.leads import leads as lead_rows
from storage.messages.notices import Notice
from storage.people import members as member_rows
from storage.people import teams as rows
from storage.planning import activities as audit_rows


class Teams:
    """Use cases on teams."""

    def __init__(self, db: Database, clock: Clock, notices: Notices, pipeline: Pipeline) -> None:
        self.db, self.clock, self.notices, self.pipeline = db, clock, notices, pipeline

    @needs(Right.TEAM_MANAGE)
    async def browse(self, member: Member) -> Sequence[Team]:
        """The organization's teams by name."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.all_teams(s)

    @needs(Right.TEAM_MANAGE)
    async def bind(
        self, member: Member, chat_id: int, thread_id: int, name: str, pipeline_id: UUID | None
    ) -> Team:
        """New leads of the pipeline (None: of all) come to the group's topic. Bound already, it is changed.

        Raises BadInput("team", "private") outside of groups.
        """
        if chat_id >= 0:
            raise BadInput("team", "private")
        async with self.db.transaction(member.organization_id) as s:
            title = " ".join(name.split())[:128] or "—"
            team_id = await rows.keep_team(s, chat_id, thread_id, title, pipeline_id, self.clock())
            data = {"chat": chat_id, "topic": thread_id, "pipeline": str(pipeline_id or "")}
            await self._audit(s, member.id, "team.bind", team_id, data)
            return await self._get(s, team_id)

    @needs(Right.TEAM_MANAGE)
    async def get(self, member: Member, team_id: UUID) -> Team:
        """One team. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._get(s, team_id)

    @needs(Right.TEAM_MANAGE)
    async def unbind(self, member: Member, team_id: UUID) -> Team:
        """No more leads go there; what it was. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            team = await self._get(s, team_id)
            await rows.drop_team(s, team_id)
            await self._audit(s, member.id, "team.unbind", team_id, {"chat": team.chat_id})
            return team

    @needs(Right.TEAM_MANAGE)
    @recorded("team.digest", "team")
    async def set_digest(self, member: Member, team_id: UUID, typed: str) -> Team:
        """When the daily digest comes to the team, in the organization's zone; an empty text turns it off."""
        async with self.db.transaction(member.organization_id) as s:
            team = await self._get(s, team_id)
            settings = {name: value for name, value in team.settings.items() if name != "digest"}
            if typed.strip():
                at = read_time(typed)
                organization = await member_rows.get_organization(s, s.tenant)
                zone = organization.time_zone if organization else member.time_zone
                settings["digest"] = {"at": f"{at:%H:%M}", "last": last_before(self.clock(), zone, at)}
            await rows.keep_settings(s, team_id, settings)
            return await self._get(s, team_id)

    @open_to("whoever taps in the group, if the team's organization lets them")
    async def take(self, chat_id: int, telegram_id: int, lead_id: UUID) -> tuple[Member, Lead]:
        """Take a lead from the group.

        Raises NotAllowed for strangers and for members without the right, NotFound where the group has no
        such lead, and what `Pipeline.take` raises.
        """
        member: Member | None = None
        async with self.db.transaction(system=True) as system:
            for team in await rows.in_chat(system, chat_id):
                s = system.scoped(team.organization_id, False)
                if await lead_rows.get_lead(s, lead_id) is not None:
                    member = await member_rows.member_of(s, telegram_id)
                    break
            else:
                raise NotFound(what="lead")
        if member is None:
            raise NotAllowed(right=Right.LEAD_WORK.value)
        return member, await self.pipeline.take(member, lead_id)

    @open_to("the bot")
    async def lost(self, chat_id: int, thread_id: int | None = None) -> None:
        """The bot is out of the group, or the topic is gone: it is unbound, and admins are told once."""
        async with self.db.transaction(system=True) as system:
            for team in await rows.in_chat(system, chat_id):
                if thread_id is not None and team.thread_id != thread_id:
                    continue
                s = system.scoped(team.organization_id, False)
                if await rows.drop_team(s, team.id):
                    await self._audit(s, None, "team.lost", team.id, {"chat": chat_id})
                    await self._tell_admins(s, "lost", team)
            await rows.forget_owed(system, chat_id, thread_id)

    @open_to("the bot")
    async def moved(self, old: int, new: int) -> None:
        """Telegram has made a supergroup of the group: the teams go with it, and admins are told once."""
        async with self.db.transaction(system=True) as system:
            found = await rows.in_chat(system, old)
            await rows.move_chat(system, old, new)
            for team in found:
                s = system.scoped(team.organization_id, False)
                await self._audit(s, None, "team.moved", team.id, {"chat": old, "to": new})
                await self._tell_admins(s, "moved", team)

    @open_to("the sender of notices")
    async def gather(self, notice: Notice) -> Sequence[Lead]:
        """The leads of one message of a group: that of the notice, and those whose alerts wait behind it."""
        async with self.db.transaction(notice.organization_id) as s:
            room = MERGED_AT_MOST - 1 - len(notice.params.get("also", ()))
            if room > 0:
                await rows.gather(s, notice, room)
            ids = [notice.params["lead"], *notice.params.get("also", ())]
            return await self._leads(s, [UUID(one) for one in ids])

    @open_to("the sender of notices")
    async def shown_together(self, notice: Notice, message_id: int) -> Sequence[Lead]:
        """The leads that the message tells of, as they stand.

        Other edits of the same message that wait are settled with this one.
        """
        async with self.db.reading(system=True) as system:
            ids = await rows.shown_together(system, notice.chat_id, message_id)
        ids = ids or [UUID(notice.params["lead"])]
        async with self.db.transaction(notice.organization_id) as s:
            if len(ids) > 1:
                await rows.settle_edits(s, notice, ids)
            return await self._leads(s, ids)

    async def _leads(self, s: Session, ids: Sequence[UUID]) -> Sequence[Lead]:
        found = [await lead_rows.get_lead(s, one) for one in dict.fromkeys(ids)]
        return sorted((lead for lead in found if lead is not None), key=lambda lead: lead.number)

    async def _get(self, s: Session, team_id: UUID) -> Team:
        team = await rows.get_team(s, team_id)
        if team is None:
            raise NotFound(what="team")
        return team

    async def _audit(
        self, s: Session, actor: UUID | None, action: str, team_id: UUID, data: dict[str, object]
    ) -> None:
        await audit_rows.add_audit(s, actor, action, "team", team_id, self.clock(), data)

    async def _tell_admins(self, s: Session, what: str, team: Team) -> None:
        # the name, as the row it would be looked up in may be gone
        params = {"what": what, "team": team.name}
        for admin in await member_rows.active_with(s, Right.TEAM_MANAGE):
            await self.notices.owe(s, admin.telegram_id, "team.changed", params)
