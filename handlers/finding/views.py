"""Saved views of the list: kept by a name, opened, renamed, shared by admins, deleted, shown first."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.fields import read_text
from domain.lead_query import LeadQuery
from domain.members import Member, Right
from handlers.buttons import ListButton, ViewButton
from handlers.chat import Chat
from handlers.finding.places import list_at, query_at
from handlers.finding.query_words import chips_of
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_list import TABS, tabs_of
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _
from services.finding.views import NAME_LIMIT, SavedView, mark_of
from services.registry import Services


def _open(view: SavedView, member: Member) -> ListButton:
    owner = view.query.owner if view.query.owner in tabs_of(member) else tabs_of(member)[0]
    return ListButton(owner=owner, stage=mark_of(view.id))


async def every(
    _query: CallbackQuery, callback_data: ViewButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await _all_screen(services, member, callback_data.place))


async def _all_screen(services: Services, member: Member, place: str) -> Screen:
    views = await services.views.saved(member)
    lines = [_("📂 <b>Views</b>")]
    if not views:
        lines.append(_("None yet. Choose what you look at often in ⚙️ Filter, then press “Keep as a view”."))
    rows = [
        [
            Button(_name(view), _open(view, member)),
            Button("✏️", ViewButton(do="show", mark=mark_of(view.id), place=place)),
        ]
        for view in views
    ]
    return Screen("\n".join(lines), [*rows, [Button(_("📋 List"), list_at(place))], to_menu()])


def _name(view: SavedView) -> str:
    return ("⭐ " if view.default else "") + view.name + (" 👥" if view.shared else "")


async def show(
    _query: CallbackQuery, callback_data: ViewButton, chat: Chat, member: Member, services: Services
) -> None:
    view = await services.views.get(member, callback_data.mark)
    chat.show(await _screen(services, member, view, callback_data.place))


async def _screen(services: Services, member: Member, view: SavedView, place: str, said: str = "") -> Screen:
    mark = mark_of(view.id)

    def button(text: str, do: str) -> Button:
        return Button(text, ViewButton(do=do, mark=mark, place=place))

    chips = [words for _name_, words in await chips_of(services, member, view.query)]
    lines = [said] if said else []
    lines.append(f"📂 <b>{esc(_name(view))}</b>")
    lines.append(" · ".join(map(esc, [_(TABS[view.query.owner]), *chips])))
    rows = [[Button(_("📋 Open"), _open(view, member))]]
    rows.append([button(_("☆ Not first any more"), "not_first") if view.default
                 else button(_("⭐ Show it first"), "first")])  # fmt: skip
    if view.own:
        rows.append([button(_("✏️ Rename"), "rename"), button(_("🗑 Delete"), "remove")])
        if member.may(Right.ORGANIZATION_EDIT):
            sharing = ("unshare", _("🙈 Only for me")) if view.shared else ("share", _("👥 For everybody"))
            rows.append([button(sharing[1], sharing[0])])
    rows.append([Button(_("📂 Views"), ViewButton(do="all", place=place)), *to_menu()])
    return Screen("\n".join(lines), rows)


async def change(
    _query: CallbackQuery, callback_data: ViewButton, chat: Chat, member: Member, services: Services
) -> None:
    """Share it or not, show it first or not."""
    views, mark, do = services.views, callback_data.mark, callback_data.do
    if do in ("share", "unshare"):
        view = await views.share(member, mark, do == "share")
    else:
        view = await views.make_default(member, mark, do == "first")
    chat.show(await _screen(services, member, view, callback_data.place))


async def remove(
    _query: CallbackQuery, callback_data: ViewButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more: others may use it."""
    view = await services.views.get(member, callback_data.mark)
    place = callback_data.place
    yes = Button(_("🗑 Yes, delete"), ViewButton(do="really_remove", mark=callback_data.mark, place=place))
    back = Button(_("⬅️ Back"), ViewButton(do="show", mark=callback_data.mark, place=place))
    text = _("🗑 Delete the view “{name}”? The leads stay.").format(name=esc(view.name))
    chat.show(Screen(text, [[yes, back]]))


async def really_remove(
    _query: CallbackQuery, callback_data: ViewButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.views.remove(member, callback_data.mark)
    chat.toast(_("The view is deleted."))
    chat.show(await _all_screen(services, member, callback_data.place))


async def keep(
    _query: CallbackQuery,
    callback_data: ViewButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """A name for what is chosen."""
    await forms.start(KEEP, chat, state, member, services, {"place": callback_data.place})


async def rename(
    _query: CallbackQuery,
    callback_data: ViewButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    view = await services.views.get(member, callback_data.mark)
    context = {"place": callback_data.place, "mark": callback_data.mark, "name": view.name}
    await forms.start(KEEP, chat, state, member, services, context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    place = context["place"]
    if "mark" in context:
        view = await services.views.rename(member, context["mark"], answers["view"])
        said = _("✏️ Renamed.")
    else:
        here = list_at(place)
        query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
        view = await services.views.save(member, answers["view"], query)
        said = _("⭐ Kept. You find it in the list: ⚙️ Filter, 📂 Views.")
    chat.show(await _screen(services, member, view, place, said))


def _ask(asking: Asking) -> str:
    if "name" in asking.context:
        return _("✏️ What shall “{name}” be called?").format(name=esc(asking.context["name"]))
    return _("⭐ What shall the view be called? For example: Hot, Mortgage in Kazan")


KEEP = Form(
    name="view",
    questions=(Question("view", _ask, lambda typed, _m: read_text("view", typed, NAME_LIMIT)),),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
)
FORMS: tuple[Form, ...] = (KEEP,)


def routes() -> Router:
    router = Router(name="views")
    press = router.callback_query.register
    press(every, ViewButton.filter(F.do == "all"))
    press(show, ViewButton.filter(F.do == "show"))
    press(change, ViewButton.filter(F.do.in_({"share", "unshare", "first", "not_first"})))
    press(remove, ViewButton.filter(F.do == "remove"))
    press(really_remove, ViewButton.filter(F.do == "really_remove"))
    press(keep, ViewButton.filter(F.do == "keep"))
    press(rename, ViewButton.filter(F.do == "rename"))
    return router
