"""Choosing a field of the CRM from its live list, and what of ours goes there; the check of all of them."""

import re
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.crm import Problem
from domain.errors import BadInput, CrmUnsupported, VoronkaError
from domain.members import Member
from handlers.buttons import MappingButton
from handlers.chat import Chat, FollowUp
from handlers.crm.words import problem_in_words
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.mapping.overview import page_of
from handlers.mapping.screens import fields_screen, rule_screen, sources_screen, to_mapping
from handlers.mapping.words import slip
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.mapping.mappings import Mappings
from services.mapping.tree import mark_of
from services.mapping.view import CheckView, place_of
from services.registry import Services

SEARCH = "mapping_search"
MOST_SHOWN = 20
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def asking(chat: Chat, work: FollowUp) -> None:
    """Do work that asks the CRM after the update, and say in words what went wrong."""

    async def answered(later: Chat) -> None:
        try:
            await work(later)
        except CrmUnsupported:
            later.show(refused(_("This CRM does not tell its fields by its interface.")))
        except BadInput as error:
            later.show(refused(slip(error) if error.field == "mapping" else in_words(error)))
        except VoronkaError as error:
            later.show(refused(in_words(error)))

    chat.then(answered)


def refused(text: str) -> Screen:
    return Screen(f"⚠️ {esc(text)}", [[*to_mapping(), *to_menu()]])


async def fields(
    _query: CallbackQuery,
    callback_data: MappingButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    mappings: Mappings,
) -> None:
    """A page of the CRM's fields; `more` keeps the search, `fields` forgets it."""
    if callback_data.do == "fields":
        await state.update_data({SEARCH: ""})
    search = str((await state.get_data()).get(SEARCH) or "")
    list_fields(chat, member, mappings, search, page_of(callback_data.extra))


def list_fields(chat: Chat, member: Member, mappings: Mappings, search: str, page: int) -> None:
    async def show(later: Chat) -> None:
        view = await mappings.view(member)
        later.show(fields_screen(await mappings.fields(member, search, page), view.title, search))

    asking(chat, show)


async def find(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    await forms.start(SEARCH_FORM, chat, state, member, services)


async def _found(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    await state.clear()
    await state.update_data({SEARCH: answers["search"]})
    list_fields(chat, member, services.mappings, answers["search"], 0)


async def sources(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """What shall go into the chosen field."""
    known = (await mappings.view(member)).rule(callback_data.mark)
    if known is not None:
        chat.show(sources_screen(callback_data.mark, known.attribute))
        return

    async def show(later: Chat) -> None:
        field = await mappings.field(member, callback_data.mark)
        later.show(sources_screen(callback_data.mark, f"{field.title} · {field.name}"))

    asking(chat, show)


async def put(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    put_source(chat, member, mappings, callback_data.mark, callback_data.extra)


def put_source(chat: Chat, member: Member, mappings: Mappings, mark: str, source: str) -> None:
    async def work(later: Chat) -> None:
        field = await mappings.field(member, mark)
        await mappings.set_source(member, field.record, field.name, source)
        view = await mappings.view(member)
        rule = view.rule(mark_of(field.record, field.name))
        if rule is not None:
            later.show(rule_screen(view, rule, _("✅ Put in force.")))

    asking(chat, work)


async def own(
    _query: CallbackQuery,
    callback_data: MappingButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    await forms.start(OWN_FORM, chat, state, member, services, {"mark": callback_data.mark})


def _read_key(typed: str, _member: Member) -> str:
    key = typed.strip().casefold().removeprefix("custom.")
    if not _KEY.fullmatch(key):
        raise BadInput("key", "invalid")
    return key


async def _own_given(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    await state.clear()
    put_source(chat, member, services.mappings, str(context["mark"]), f"custom.{answers['key']}")


async def check(_query: CallbackQuery, chat: Chat, member: Member, mappings: Mappings) -> None:
    """Compare the mapping with the CRM's fields."""
    chat.show(Screen(_("⏳ I am comparing the fields …")))

    async def work(later: Chat) -> None:
        later.show(check_screen(await mappings.check(member)))

    asking(chat, work)


async def make(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """Make a missing field in the CRM."""
    rule = (await mappings.view(member)).rule(callback_data.mark)
    if rule is None:
        chat.toast(_("This field is not sent any more. Here is how it stands now."))
        return
    chat.show(Screen(_("⏳ I am making the field {field} …").format(field=esc(rule.attribute))))

    async def work(later: Chat) -> None:
        found = await mappings.create_field(member, rule.record, rule.attribute)
        said = _("✅ The field {field} is made in the CRM.").format(field=rule.attribute)
        later.show(check_screen(found, said))

    asking(chat, work)


def check_screen(found: CheckView, said: str = "") -> Screen:
    """What does not fit, the worst first, with a button for every field that can be made."""
    lines = [esc(said), ""] if said else []
    lines.append(f"🩺 <b>{_('Fields')}: {esc(found.title)}</b>")
    if not found.problems:
        lines.append(_("✅ Every field is there and fits."))
    stopping = [*found.stopping]
    rest = [one for one in found.problems if one not in stopping]
    if stopping:
        lines += [_("⛔ Leads wait until this is mended:"), *map(_line, stopping[:MOST_SHOWN]), ""]
    if rest:
        count = ngettext("⚠️ {count} remark:", "⚠️ {count} remarks:", len(rest))
        lines += [count.format(count=len(rest)), *map(_line, rest[:MOST_SHOWN])]
    makeable = [one for one in (*stopping, *rest) if place_of(one) in found.makeable]
    rows = [[_make_button(one)] for one in makeable[:8] if one.code == "missing_field"]
    if found.problems and not found.makeable and any(one.code == "missing_field" for one in found.problems):
        lines += ["", _("Fields can only be made by an admin in the CRM itself.")]
    again = Button(_("🔄 Check again"), MappingButton(do="check"))
    return Screen("\n".join(lines), [*rows, [again], [*to_mapping(), *to_menu()]])


def _line(problem: Problem) -> str:
    return f"• {esc(problem_in_words(problem))}"


def _make_button(problem: Problem) -> Button:
    name, record = problem.params["field"], problem.params["record"]
    text = _("➕ Make {field} in the CRM").format(field=name)[:64]
    return Button(text, MappingButton(do="make", mark=mark_of(record, name)))


SEARCH_FORM = Form(
    name="mapping-search",
    questions=(Question("search", lambda _asking: _("🔎 What is the field called? A part of it will do.")),),
    finish=_found,
    cancelled=lambda: _("All right. The fields are here: /mapping"),
)
OWN_FORM = Form(
    name="mapping-own",
    questions=(
        Question(
            "key",
            lambda _asking: _("⌨️ What is our field called? One word of Latin letters, for example: city"),
            _read_key,
        ),
    ),
    finish=_own_given,
    cancelled=lambda: _("All right. The fields are here: /mapping"),
)
FORMS: tuple[Form, ...] = (SEARCH_FORM, OWN_FORM)


def routes() -> Router:
    router = Router(name="mapping_fields")
    press = router.callback_query.register
    press(fields, MappingButton.filter(F.do.in_({"fields", "more"})))
    press(find, MappingButton.filter(F.do == "find"))
    press(sources, MappingButton.filter(F.do == "sources"))
    press(put, MappingButton.filter(F.do == "set"))
    press(own, MappingButton.filter(F.do == "own"))
    press(check, MappingButton.filter(F.do == "check"))
    press(make, MappingButton.filter(F.do == "make"))
    return router
