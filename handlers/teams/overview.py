"""/team in the private chat: which groups get leads, their digests, and unbinding them."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.members import Member
from domain.own_settings import digest_time
from domain.teams import Team
from handlers.chat import Chat
from handlers.deep_links import group_link
from handlers.menu import to_menu
from handlers.pipelines.words import pipeline_name
from handlers.screens import Button, Screen, esc, grid
from handlers.teams.buttons import TeamButton
from locales import _
from services.registry import Services

NONE = UUID(int=0)
HOURS = ("08:00", "09:00", "10:00", "18:00", "20:00")


async def list_screen(services: Services, member: Member, bot_username: str) -> Screen:
    """Every team, and how a group becomes one."""
    teams = await services.teams.browse(member)
    lines = [_("👥 <b>Teams</b>")]
    lines.append(
        _("Groups that get new leads. Press one to change it.") if teams else _("No group gets leads yet.")
    )
    lines += ["", _("Add me to a group and write /team there, or in a topic of it.")]
    rows = [[Button(f"👥 {team.name}"[:60], TeamButton(do="show", id=team.id))] for team in teams[:20]]
    add = Button(_("➕ Add me to a group"), url=group_link(bot_username))
    return Screen("\n".join(lines), [*rows, [add], to_menu()])


async def team_screen(services: Services, member: Member, team: Team) -> Screen:
    pipelines = await services.pipeline.pipelines(member)
    bound = next((one for one in pipelines if one.id == team.pipeline_id), None)
    at = digest_time(team.settings)
    text = _("👥 <b>{name}</b>\nPipeline: {pipeline}\nDaily digest: {time}").format(
        name=esc(team.name),
        pipeline=esc(pipeline_name(bound) if bound else _("all pipelines")),
        time=f"{at:%H:%M}" if at else _("off"),
    )
    hours = [Button(f"📰 {hour}", TeamButton(do="digest", id=team.id, extra=hour[:2])) for hour in HOURS]
    hours.append(Button(_("📰 Off"), TeamButton(do="digest", id=team.id)))
    drop = Button(_("🔕 No more leads there"), TeamButton(do="drop", id=team.id))
    back = Button(_("⬅️ Teams"), TeamButton(do="list", id=NONE))
    return Screen(text, [*grid(hours, 3), [drop], [back, *to_menu()]])


async def command(
    _message: Message, chat: Chat, member: Member, services: Services, bot_username: str
) -> None:
    chat.say(await list_screen(services, member, bot_username))


async def show_list(
    _query: CallbackQuery, chat: Chat, member: Member, services: Services, bot_username: str
) -> None:
    chat.show(await list_screen(services, member, bot_username))


async def show(
    _query: CallbackQuery, callback_data: TeamButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await team_screen(services, member, await services.teams.get(member, callback_data.id)))


async def digest(
    _query: CallbackQuery, callback_data: TeamButton, chat: Chat, member: Member, services: Services
) -> None:
    team = await services.teams.set_digest(member, callback_data.id, callback_data.extra)
    chat.toast(_("✅ Saved."))
    chat.show(await team_screen(services, member, team))


async def ask(
    _query: CallbackQuery, callback_data: TeamButton, chat: Chat, member: Member, services: Services
) -> None:
    team = await services.teams.get(member, callback_data.id)
    text = _("🔕 <b>No more leads in “{name}”?</b>").format(name=esc(team.name))
    sure = Button(_("🔕 No more leads there"), TeamButton(do="really_drop", id=team.id))
    chat.show(Screen(text, [[sure], [Button(_("⬅️ No, back"), TeamButton(do="show", id=team.id))]]))


async def drop(
    _query: CallbackQuery,
    callback_data: TeamButton,
    chat: Chat,
    member: Member,
    services: Services,
    bot_username: str,
) -> None:
    await services.teams.unbind(member, callback_data.id)
    chat.toast(_("✅ Saved."))
    chat.show(await list_screen(services, member, bot_username))


def routes() -> Router:
    router = Router(name="teams_overview")
    router.message.register(command, Command("team"), F.chat.type == "private")
    router.callback_query.register(show_list, TeamButton.filter(F.do == "list"))
    router.callback_query.register(digest, TeamButton.filter(F.do == "digest"))
    router.callback_query.register(ask, TeamButton.filter(F.do == "drop"))
    router.callback_query.register(drop, TeamButton.filter(F.do == "really_drop"))
    router.callback_query.register(show, TeamButton.filter())
    return router
