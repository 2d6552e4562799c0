"""Another system's JSON: its fields are chosen from a sample, looked at, and let live."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.json_paths import mark
from domain.members import Member
from handlers.chat import Chat
from handlers.hooks_in.buttons import InletButton
from handlers.hooks_in.cards import card
from handlers.hooks_in.mapping_screens import map_screen, path_screen, preview_screen, refused_screen
from locales import _
from services.hooks_in.other import FIELDS
from services.registry import Services


def _place(extra: str) -> tuple[int, str]:
    """The field's place and the rest of what a button carries. Raises BadInput for a forged one."""
    place, _dot, rest = extra.partition(".")
    if not place.isdecimal() or int(place) >= len(FIELDS):
        raise BadInput("field", "unknown")
    return int(place), rest


async def fields(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    inlet = await services.inlets.get(member, callback_data.hook)
    chat.show(map_screen(inlet, await services.json_hooks.sample(member, inlet.id)))


async def paths(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    """What the sample has to offer for a field."""
    inlet = await services.inlets.get(member, callback_data.hook)
    place, page = _place(callback_data.extra)
    sample = await services.json_hooks.sample(member, inlet.id)
    chat.show(path_screen(inlet, place, int(page) if page.isdecimal() else 0, sample))


async def choose(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    place, chosen = _place(callback_data.extra)
    sample = await services.json_hooks.sample(member, callback_data.hook)
    path = next((one for one in sample if chosen and mark(one) == chosen), "")
    if chosen and not path:
        chat.toast(_("Another sample has come meanwhile: please choose again."))
    else:
        await services.json_hooks.map(member, callback_data.hook, FIELDS[place], path)
    inlet = await services.inlets.get(member, callback_data.hook)
    chat.show(map_screen(inlet, sample))


async def preview(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    inlet = await services.inlets.get(member, callback_data.hook)
    try:
        chat.show(preview_screen(inlet, await services.json_hooks.preview(member, inlet.id)))
    except BadInput as error:
        if error.field == "sample":
            raise
        chat.show(refused_screen(inlet, error))


async def live(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    """Leads are made from now on, or no more."""
    inlet = await services.inlets.get(member, callback_data.hook)
    try:
        await services.json_hooks.live(member, inlet.id, callback_data.extra == "1")
    except BadInput as error:
        if error.field == "sample":
            raise
        chat.show(refused_screen(inlet, error))
        return
    chat.show(await card(services, member, inlet.id))


async def guard(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    """The secret is asked for, or no more; without one nobody could come in."""
    guarded = callback_data.extra == "1"
    if guarded and not await services.hook_secrets.standing(member, callback_data.hook):
        chat.toast(_("First make a secret: press 🔁."), alert=True)
        return
    await services.json_hooks.guard(member, callback_data.hook, guarded)
    chat.show(await card(services, member, callback_data.hook))


def routes() -> Router:
    router = Router(name="hooks_in_mapping")
    for do, handler in (
        ("map", fields), ("path", paths), ("choose", choose), ("preview", preview), ("live", live),
        ("guard", guard),
    ):  # fmt: skip
        router.callback_query.register(handler, InletButton.filter(F.do == do))
    return router
