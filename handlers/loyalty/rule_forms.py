"""The form that makes a rule: buttons first, typing where they do not do."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from aiogram.fsm.context import FSMContext

from domain.errors import BadInput
from domain.fields import read_number, read_text
from domain.loyalty import PURCHASE, TOTAL, read_terms, told_terms
from domain.members import Member
from domain.transaction_values import read_moment
from handlers.chat import Chat
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.loyalty.buttons import LoyaltyRuleButton
from handlers.loyalty.words import number, percent, terms_lines
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.loyalty.rules import NAME_LENGTH
from services.registry import Services

NOW, NEVER, NO, YES = "now", "never", "no", "yes"
PERCENTS, MOSTS, DAYS = ("3", "5", "7", "10"), ("300", "500", "1000", "3000"), ("90", "180", "365")
_STEP = re.compile(r"(?P<since>[^=]+)=\s*(?P<percent>[\d.,]+)\s*%?")

Read = Callable[[str, Member], str]


def _term(name: str) -> Read:
    """A term by itself, read as the rule will read it; kept as a plain number."""

    def read(typed: str, _member: Member) -> str:
        text = typed.strip().rstrip("%").strip()
        value: Any = None if text == NO else _plain(name, text)
        read_terms({"percent": "0", name: value})
        return text if text == NO else str(value)

    return read


def _plain(name: str, text: str) -> str:
    """ "7,5" and "1 000" as a machine writes them."""
    if name in ("percent", "days"):
        return text.replace(",", ".").replace(" ", "")
    try:
        return str(read_number(text))
    except BadInput:
        raise BadInput(name, "invalid") from None


def _read_steps(typed: str, _member: Member) -> str:
    read_terms({"percent": "0", "steps": steps_in(typed)})
    return typed.strip()


def steps_in(typed: str) -> list[dict[str, str]]:
    """The steps in "10000=7; 50000=10". Raises BadInput("steps", "invalid")."""
    found = []
    for part in filter(None, (one.strip() for one in re.split(r"[;\n]", typed))):
        match = _STEP.fullmatch(part)
        if match is None:
            raise BadInput("steps", "invalid")
        found.append(
            {"since": _plain("steps", match["since"].strip()), "percent": match["percent"].replace(",", ".")}
        )
    if typed.strip() and not found:
        raise BadInput("steps", "invalid")
    return found


def names_in(typed: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;\n]", typed) if one.strip()]


def _read_when(name: str, word: str) -> Read:
    def read(typed: str, member: Member) -> str:
        text = typed.strip()
        if text == word:
            return text
        return read_moment(text, member.time_zone, name).isoformat()

    return read


def _days_on(member: Member, days: int) -> str:
    """The midnight so many days ahead, on the member's clock, as people type it."""
    today = datetime.now(ZoneInfo(member.time_zone)).date()
    return f"{today + timedelta(days=days):%d.%m.%Y}"


def _starts(asking: Asking) -> list[tuple[str, str]]:
    tomorrow = _days_on(asking.member, 1)
    return [(_("▶️ Now"), NOW), (_("🌅 Tomorrow, {date}").format(date=tomorrow), tomorrow)]


def _ends(asking: Asking) -> list[tuple[str, str]]:
    month = _days_on(asking.member, 31)
    return [(_("♾ Without an end"), NEVER), (_("🗓 Until {date}").format(date=month), month)]


def _life(_asking: Asking) -> list[tuple[str, str]]:
    said = [(ngettext("{count} day", "{count} days", int(days)).format(count=days), days) for days in DAYS]
    return [*said, (_("♾ They never run out"), NO)]


def given_terms(answers: Answers) -> dict[str, Any]:
    """Terms as domain.loyalty.read_terms takes them, of the answers of the form."""
    terms: dict[str, Any] = {
        "percent": answers["percent"],
        "steps": steps_in(answers.get("steps", "")),
        "by": answers.get("by") or PURCHASE,
        "without_items": names_in(answers.get("without_items", "")),
        "without_groups": names_in(answers.get("without_groups", "")),
        "medical": answers.get("medical") == YES,
    }
    for name in ("least", "most", "days"):
        value = answers.get(name, "")
        terms[name] = None if value in ("", NO) else value
    return terms


async def finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    starts = answers.get("starts_at", NOW)
    ends = answers.get("ends_at", NEVER)
    rule = await services.loyalty_rules.add(
        member,
        answers["name"],
        given_terms(answers),
        None if starts == NOW else datetime.fromisoformat(starts),
        None if ends == NEVER else datetime.fromisoformat(ends),
    )
    lines = [_("✅ <b>The rule “{name}” is made.</b>").format(name=esc(rule.name))]
    lines += [f"· {line}" for line in terms_lines(read_terms(told_terms(rule.terms)))]
    button = Button(_("🎁 To the rule"), LoyaltyRuleButton(do="show", id=rule.id))
    chat.show(Screen("\n".join(lines), [[button, *to_menu()]]))


NEW_RULE = Form(
    name="bonus-rule",
    questions=(
        Question(
            "percent",
            lambda _asking: _("🎁 How many percent of a purchase become bonuses? Choose or type."),
            read=_term("percent"),
            choices=lambda _asking: [(percent(Decimal(one)), one) for one in PERCENTS],
            width=4,
        ),
        Question(
            "steps",
            lambda _asking: _(
                "📶 More for bigger purchases? Type the steps as sum=percent, for example "
                "<code>10000=7; 50000=10</code>, or press Skip."
            ),
            read=_read_steps,
            optional=True,
        ),
        Question(
            "by",
            lambda _asking: _("🧮 What must reach the sum of a step?"),
            choices=lambda _asking: [
                (_("One purchase"), PURCHASE), (_("All that somebody has bought so far"), TOTAL),
            ],
            typed=False,
            when=lambda asking: bool(asking.answers.get("steps")),
            width=1,
        ),
        Question(
            "most",
            lambda _asking: _("🧢 At most how many bonuses for one purchase? Choose or type."),
            read=_term("most"),
            choices=lambda _asking: [
                *((number(Decimal(one)), one) for one in MOSTS), (_("♾ No limit"), NO),
            ],
            width=4,
        ),
        Question(
            "least",
            lambda _asking: _("🪙 From what sum on do purchases count? Type it, or choose “From any”."),
            read=_term("least"),
            choices=lambda _asking: [(_("From any"), NO), *((number(Decimal(one)), one) for one in MOSTS)],
            width=3,
        ),
        Question(
            "without_items",
            lambda _asking: _(
                "🚫 Items that earn nothing, such as gift cards: their numbers in the source, separated by "
                "semicolons. Or press Skip."
            ),
            optional=True,
        ),
        Question(
            "without_groups",
            lambda _asking: _(
                "🚫 Groups of items that earn nothing, separated by semicolons. Or press Skip."
            ),
            optional=True,
        ),
        Question(
            "medical",
            lambda _asking: _("🏥 Shall medical visits earn bonuses too?"),
            choices=lambda _asking: [(_("No"), NO), (_("Yes"), YES)],
            typed=False,
        ),
        Question(
            "days", lambda _asking: _("⏳ How long do bonuses live?"), read=_term("days"), choices=_life
        ),
        Question(
            "starts_at",
            lambda _asking: _("▶️ From when on? Choose, or type a date and time."),
            read=_read_when("starts_at", NOW),
            choices=_starts,
            width=1,
        ),
        Question(
            "ends_at",
            lambda _asking: _("⏹ Until when? Choose, or type a date and time."),
            read=_read_when("ends_at", NEVER),
            choices=_ends,
            width=1,
        ),
        Question(
            "name",
            lambda _asking: _("🏷 What shall the rule be called?"),
            read=lambda typed, _member: read_text("name", typed, NAME_LENGTH),
            choices=lambda _asking: [(_("Bonuses"), _("Bonuses"))],
        ),
    ),
    finish=finish,
    cancelled=lambda: _("Stopped: the rules are as before."),
    numbered=True,
)  # fmt: skip
