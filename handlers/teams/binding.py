"""/team in a group or a topic binds it to a pipeline; leads are taken there by a tap."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from domain.errors import NotAllowed, NotFound, VoronkaError
from domain.members import Member, Right
from domain.pipelines import Pipeline
from handlers.chat import Chat
from handlers.errors import in_words, is_foreseen
from handlers.pipelines.words import pipeline_name
from handlers.screens import Button, Screen, esc
from handlers.teams.buttons import TeamButton
from locales import _
from services.registry import Services

ALL = UUID(int=0)
"""In the place of a pipeline: leads of every one."""

GROUPS = {"group", "supergroup"}
OUT = frozenset({"kicked", "left"})


def _may(member: Member | None) -> bool:
    return member is not None and member.may(Right.TEAM_MANAGE)


async def command(message: Message, chat: Chat, services: Services, member: Member | None = None) -> None:
    """Bind at once where there is one pipeline; otherwise ask which."""
    if member is None or not _may(member):
        chat.say(_("👋 An admin of an organization can bind this group to a pipeline: /team"))
        return
    pipelines = await services.pipeline.pipelines(member)
    bound = next(
        (
            team
            for team in await services.teams.browse(member)
            if (team.chat_id, team.thread_id) == (chat.id, chat.thread_id)
        ),
        None,
    )
    if len(pipelines) == 1 and bound is None:
        await _bind(chat, services, member, ALL, _place_name(message), pipelines)
        return
    now = _("Now bound to: <b>{pipeline}</b>.").format(
        pipeline=esc(_pipeline_name(bound.pipeline_id, pipelines))
    ) if bound else _("New leads will come here, with a button to take them.")  # fmt: skip
    text = _("👥 <b>{organization}</b>\nLeads of which pipeline shall come here?").format(
        organization=esc(member.organization_name)
    )
    rows = [[Button(_("All pipelines"), TeamButton(do="bind", id=ALL))]]
    rows += [[Button(pipeline_name(one), TeamButton(do="bind", id=one.id))] for one in pipelines]
    if bound:
        rows.append([Button(_("🔕 No more leads here"), TeamButton(do="unbind", id=bound.id))])
    chat.say(Screen(f"{text}\n{now}", rows))


def _pipeline_name(pipeline_id: UUID | None, pipelines: tuple[Pipeline, ...]) -> str:
    found = next((one for one in pipelines if one.id == pipeline_id), None)
    return pipeline_name(found) if found else _("all pipelines")


def _place_name(message: Message) -> str:
    """The group's title, and its topic's name where Telegram tells it."""
    topic = message.reply_to_message.forum_topic_created if message.reply_to_message else None
    title = message.chat.title or ""
    if not message.is_topic_message:
        return title
    return f"{title} · {topic.name}" if topic else f"{title} · #{message.message_thread_id}"


async def _bind(
    chat: Chat,
    services: Services,
    member: Member,
    pipeline_id: UUID,
    name: str,
    pipelines: tuple[Pipeline, ...],
) -> None:
    known = next((one for one in pipelines if one.id == pipeline_id), None)
    if known is None and pipeline_id != ALL:
        raise NotFound(what="pipeline")
    await services.teams.bind(member, chat.id, chat.thread_id, name, known.id if known else None)
    text = _(
        "✅ New leads of <b>{pipeline}</b> come here. Who is a member of <b>{organization}</b> can take them "
        "by a tap; contacts are shown in the private chat alone. To change it: /team"
    ).format(
        pipeline=esc(pipeline_name(known) if known else _("all pipelines")),
        organization=esc(member.organization_name),
    )
    chat.show(Screen(text))


async def press(
    query: CallbackQuery,
    callback_data: TeamButton,
    chat: Chat,
    services: Services,
    member: Member | None = None,
) -> None:
    """A button in a group is pressed by anybody: a refusal is a toast that only they see."""
    try:
        if callback_data.do == "take":
            await _take(query, callback_data.id, chat, services)
        elif not _may(member) or member is None:
            chat.toast(_("Only an admin of the organization can change this."), alert=True)
        elif callback_data.do == "bind":
            name = _place_name(query.message) if isinstance(query.message, Message) else ""
            pipelines = await services.pipeline.pipelines(member)
            await _bind(chat, services, member, callback_data.id, name, pipelines)
        elif callback_data.do == "unbind":
            await services.teams.unbind(member, callback_data.id)
            chat.show(Screen(_("🔕 No more leads come here. To bind the group again: /team")))
    except VoronkaError as error:
        if not is_foreseen(error):
            raise
        chat.toast(in_words(error), alert=True)


async def _take(query: CallbackQuery, lead_id: UUID, chat: Chat, services: Services) -> None:
    try:
        taker, lead = await services.teams.take(chat.id, query.from_user.id, lead_id)
    except NotAllowed:
        chat.toast(
            _("Leads here are taken by managers of the organization. Ask its admin for an invite."),
            alert=True,
        )
        return
    text = _("#{number} is yours, {name}. The contacts are in your private chat with me: /leads")
    chat.toast(text.format(number=lead.number, name=taker.name), alert=True)


async def other_press(_query: CallbackQuery, chat: Chat) -> None:
    """Any other button in a group: nothing is said aloud there."""
    chat.toast(_("This works in the private chat with me."))


async def became(message: Message, services: Services) -> None:
    """Telegram tells in the old group that it is a supergroup with another id now."""
    if message.migrate_to_chat_id is not None:
        await services.teams.moved(message.chat.id, message.migrate_to_chat_id)


async def in_or_out(event: ChatMemberUpdated, chat: Chat, services: Services) -> None:
    """The bot was added to a group, or put out of it."""
    if event.new_chat_member.status in OUT:
        await services.teams.lost(event.chat.id)
    elif event.old_chat_member.status in OUT:
        chat.say(_("👋 Hello! An admin can bind this group, or a topic of it, to a pipeline: /team"))


def routes() -> Router:
    router = Router(name="teams")
    inside = F.chat.type.in_(GROUPS)
    router.message.register(became, inside, F.migrate_to_chat_id)
    router.message.register(command, inside, Command("team"))
    router.my_chat_member.register(in_or_out, inside)
    pressed_inside = F.message.chat.type.in_(GROUPS)
    router.callback_query.register(press, pressed_inside, TeamButton.filter())
    router.callback_query.register(other_press, pressed_inside)
    return router
