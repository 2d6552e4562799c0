"""Tables of words in the mapping: which of their options stands for our stage, source or answer."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.members import Member
from handlers.buttons import MappingButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.mapping.fields import asking
from handlers.mapping.overview import gone, page_of
from handlers.mapping.screens import options_screen, words_screen
from handlers.mapping.words import word_mark, words_of
from locales import _
from services.mapping.mappings import Mappings
from services.mapping.tree import mark_of
from services.mapping.view import MappingView, RuleView
from services.registry import Services

LONGEST_WORD = 100


async def words(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """The table that a rule uses."""
    view = await mappings.view(member)
    rule = view.rule(callback_data.mark)
    if rule is None or not rule.enum:
        await gone(chat, member, mappings)
        return
    chat.show(words_screen(view, rule, page_of(callback_data.extra)))


def _word(view: MappingView, rule: RuleView, mark: str) -> str | None:
    return next((word for word in words_of(view, rule.enum) if word_mark(word) == mark), None)


async def word(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """What the CRM offers for a word of ours, from its live list."""
    view = await mappings.view(member)
    rule = view.rule(callback_data.mark)
    mark, _dot, page = callback_data.extra.partition(".")
    chosen = _word(view, rule, mark) if rule else None
    if rule is None or chosen is None:
        await gone(chat, member, mappings)
        return
    show_options(chat, member, mappings, rule, chosen, page_of(page))


def show_options(
    chat: Chat, member: Member, mappings: Mappings, rule: RuleView, chosen: str, page: int
) -> None:
    async def work(later: Chat) -> None:
        view = await mappings.view(member)
        field = await mappings.field(member, mark_of(rule.record, rule.attribute))
        later.show(options_screen(view, rule, chosen, field.options, page))

    asking(chat, work)


async def put(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """Choose an option, or none, for a word of ours."""
    view = await mappings.view(member)
    rule = view.rule(callback_data.mark)
    mark, _dot, option = callback_data.extra.partition(".")
    chosen = _word(view, rule, mark) if rule else None
    if rule is None or chosen is None:
        await gone(chat, member, mappings)
        return
    kept, target = rule, chosen

    async def work(later: Chat) -> None:
        value: str | None = None
        if option:
            field = await mappings.field(member, mark_of(kept.record, kept.attribute))
            value = next((one for one, _title in field.options if word_mark(one) == option), None)
            if value is None:
                raise BadInput("mapping", "option_gone")
        await _put(later, member, mappings, kept.mark, target, value)

    asking(chat, work)


async def _put(
    chat: Chat, member: Member, mappings: Mappings, mark: str, chosen: str, value: str | None
) -> None:
    rule = (await mappings.view(member)).rule(mark)
    if rule is None:
        return
    await mappings.set_option(member, rule.enum, chosen, value)
    view = await mappings.view(member)
    again = view.rule(mark)
    if again is not None:
        chat.show(words_screen(view, again, said=_("✅ Put in force.")))


async def type_option(
    _query: CallbackQuery,
    callback_data: MappingButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """What the CRM gets, typed: for lists that it does not tell."""
    context = {"mark": callback_data.mark, "word": callback_data.extra}
    await forms.start(OPTION_FORM, chat, state, member, services, context)


async def new_word(
    _query: CallbackQuery,
    callback_data: MappingButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    await forms.start(WORD_FORM, chat, state, member, services, {"mark": callback_data.mark})


def _read(typed: str, _member: Member) -> str:
    word = " ".join(typed.split())
    if not word:
        raise BadInput("word", "required")
    if len(word) > LONGEST_WORD:
        raise BadInput("word", "too_long", length=len(word), limit=LONGEST_WORD)
    return word


async def _option_given(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    view = await services.mappings.view(member)
    rule = view.rule(str(context["mark"]))
    chosen = _word(view, rule, str(context["word"])) if rule else None
    if rule is None or chosen is None:
        await gone(chat, member, services.mappings)
        return
    await _put(chat, member, services.mappings, rule.mark, chosen, answers["option"])


async def _word_given(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    rule = (await services.mappings.view(member)).rule(str(context["mark"]))
    if rule is None:
        await gone(chat, member, services.mappings)
        return
    await _put(chat, member, services.mappings, rule.mark, answers["word"], answers["option"])


def _cancelled() -> str:
    return _("All right. The fields are here: /mapping")


_OPTION = Question(
    "option", lambda _asking: _("⌨️ What shall the CRM get for it? Its own word, exactly."), _read
)
OPTION_FORM = Form(name="mapping-option", questions=(_OPTION,), finish=_option_given, cancelled=_cancelled)
WORD_FORM = Form(
    name="mapping-word",
    questions=(
        Question("word", lambda _asking: _("⌨️ Which word of ours? As it stands in the lead."), _read),
        _OPTION,
    ),
    finish=_word_given,
    cancelled=_cancelled,
)
FORMS: tuple[Form, ...] = (OPTION_FORM, WORD_FORM)


def routes() -> Router:
    router = Router(name="mapping_tables")
    press = router.callback_query.register
    press(words, MappingButton.filter(F.do == "words"))
    press(word, MappingButton.filter(F.do == "word"))
    press(put, MappingButton.filter(F.do == "put"))
    press(type_option, MappingButton.filter(F.do == "type"))
    press(new_word, MappingButton.filter(F.do == "new_word"))
    return router
