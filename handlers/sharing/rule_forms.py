"""What admins type about rules: names, values, hours, and the sample to try them with."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.errors import TooLate
from domain.members import Member
from domain.own_settings import read_span
from domain.sharing import CONDITIONS
from handlers.buttons import short
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.form_ticks import BETWEEN
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.screens import Button, Screen, esc
from handlers.sharing.buttons import RulesButton, mark_of
from handlers.sharing.rule_screens import ask_screen, hours_screen, list_screen, rule_screen, to_rules
from handlers.sharing.words import PROBLEMS, choice_text, condition_word, roads_of, value_word
from locales import _
from services.registry import Services
from services.sharing.rules import Seen

Work = Callable[[Services, Chat, Member, Answers, dict[str, Any]], Awaitable[None]]


async def roads(services: Services, member: Member) -> dict[str, str]:
    """Names of the pipelines in use by id."""
    return roads_of(await services.pipeline.pipelines(member))


def _finish(work: Work) -> Callable[..., Awaitable[None]]:
    """A rule that is gone meanwhile is said so, and the list shown."""

    async def finish(
        chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
        services: Services,
    ) -> None:  # fmt: skip
        try:
            await work(services, chat, member, answers, context)
        except TooLate as error:
            shared = await services.rules.chat_shared(member)
            chat.show(list_screen(await services.rules.all(member), shared, in_words(error)))

    return finish


async def _new(
    services: Services, chat: Chat, member: Member, answers: Answers, context: dict[str, Any]
) -> None:
    marks = [mark for mark in answers.get("members", "").split(BETWEEN) if mark]
    able = {short(one.id): one.id for one in await services.rules.people(member)}
    made = await services.rules.add(member, answers["rule"], [able[mark] for mark in marks if mark in able])
    said = _("✅ The rule is made.")
    if made.problem:
        said += "\n" + _(PROBLEMS[made.problem])
    chat.show(rule_screen(made, await roads(services, member), said))


async def _rename(
    services: Services, chat: Chat, member: Member, answers: Answers, context: dict[str, Any]
) -> None:
    seen = await services.rules.rename(member, UUID(context["id"]), answers["rule"])
    chat.show(rule_screen(seen, await roads(services, member), _("✏️ Renamed.")))


async def _value(
    services: Services, chat: Chat, member: Member, answers: Answers, context: dict[str, Any]
) -> None:
    name, rule_id = context["condition"], UUID(context["id"])
    seen = await services.rules.get(member, rule_id)
    if mark_of(answers["value"]) not in map(mark_of, seen.rule.conditions.get(name, ())):
        seen = await services.rules.turn_value(member, rule_id, name, answers["value"])
    offered, names = await offers(services, member, seen, name), await roads(services, member)
    chat.show(ask_screen(seen.rule, name, offered, names))


async def _hours(
    services: Services, chat: Chat, member: Member, answers: Answers, context: dict[str, Any]
) -> None:
    seen = await services.rules.set_hours(member, UUID(context["id"]), answers["hours"])
    chat.show(hours_screen(seen.rule))


async def offers(services: Services, member: Member, seen: Seen, name: str) -> Sequence[str]:
    """Values to tick: those that are held, those in use, and what the product itself writes."""
    held = seen.rule.conditions.get(name, ())
    found = (
        list(await roads(services, member)) if name == "pipeline" else await _in_use(services, member, name)
    )
    kept: dict[str, str] = {}
    for value in (*held, *found):
        kept.setdefault(mark_of(value), value)
    return list(kept.values())


async def _in_use(services: Services, member: Member, name: str) -> list[str]:
    known = ("website", "telegram", "contact", "forward", "import") if name == "source" else ()
    return [*known, *await services.rules.in_use(member, name)]


async def _try(
    services: Services, chat: Chat, member: Member, answers: Answers, context: dict[str, Any]
) -> None:
    offered: dict[str, list[str]] = context["offered"]
    sample = {
        name: next((one for one in offered.get(name, ()) if mark_of(one) == answers.get(name)), "")
        or answers.get(name, "")
        for name in CONDITIONS
    }
    names = await roads(services, member)
    said = [f"{condition_word(name)}: {esc(value_word(name, value, names))}"
            for name, value in sample.items() if value]  # fmt: skip
    found = choice_text(await services.rules.try_out(member, sample))
    head = _("🧪 A lead now: {sample}").format(sample=", ".join(said) or _("nothing said of it"))
    again = [Button(_("🧪 Another sample"), RulesButton(do="try"))]
    chat.show(Screen(f"{head}\n\n{found}", [again, to_rules()]))


def _sampled(name: str) -> Question:
    def choices(asking: Asking) -> list[tuple[str, str]]:
        offered = asking.context["offered"].get(name, ())
        return [(value_word(name, one, asking.context["roads"])[:40], mark_of(one)) for one in offered]

    def text(_asking: Asking) -> str:
        return _("🧪 The sample's {condition}? Choose, type or skip.").format(condition=condition_word(name))

    def asked(asking: Asking) -> bool:
        # where there is nothing to choose from, nothing depends on it
        return bool(asking.context["offered"].get(name))

    return Question(name, text, choices=choices, optional=True, when=asked)


def _people(asking: Asking) -> list[tuple[str, str]]:
    return [(str(name), str(mark)) for mark, name in asking.context["people"]]


def _unchanged() -> str:
    return _("It stays as it was.")


NEW = Form(
    "rule_new",
    (
        Question("rule", lambda _a: _("⚖️ What shall the rule be called? For example: Mortgages")),
        Question("members", lambda _a: _("👥 Who gets its leads in turn? Tick them, then Done."),
                 choices=_people, optional=True, typed=False, many=True),
    ),
    _finish(_new), cancelled=lambda: _("No rule was made."),
)  # fmt: skip
RENAME = Form(
    "rule_name",
    (Question("rule", lambda _a: _("✏️ What shall the rule be called?")),),
    _finish(_rename), cancelled=_unchanged,
)  # fmt: skip
VALUE = Form(
    "rule_value",
    (Question("value", lambda a: condition_word(a.context["condition"]) + "? " + _("Type it.")),),
    _finish(_value), cancelled=_unchanged,
)  # fmt: skip


def _read_hours(typed: str, _member: Member) -> str:
    read_span(typed)
    return typed


SPANS = ("09:00-18:00", "18:00-23:00")
HOURS = Form(
    "rule_hours",
    (
        Question("hours", lambda _a: _("🕘 From when to when is the rule asked? Example: 9:00-18:00"),
                 _read_hours, lambda _a: [(one, one.replace(":", ".")) for one in SPANS]),
    ),
    _finish(_hours), cancelled=_unchanged,
)  # fmt: skip
TRY = Form(
    "rule_try", tuple(_sampled(name) for name in CONDITIONS), _finish(_try), cancelled=_unchanged,
)  # fmt: skip
FORMS = (NEW, RENAME, VALUE, HOURS, TRY)
