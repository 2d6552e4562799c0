"""Domain values in words, without a chat."""

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Delivery, DeliveryState
from domain.errors import CrmAccessLost, CrmGone, CrmRateLimited, CrmRejected, CrmUnavailable, CrmUncertain
from domain.leads import DEFAULT_STAGES, Lead, Money, Stage, StageKind
from domain.members import DEFAULT_RIGHTS, Member, MemberStatus, Role
from handlers.buttons import LeadButton, ListButton
from handlers.cards import (
    DELIVERY_ERRORS,
    clip,
    delivery_line,
    lead_line,
    lead_text,
    moment,
    money,
    stage_name,
)
from handlers.leads.lead_list import list_button, pack
from handlers.leads.lead_screens import card_rows
from handlers.screens import TEXT_LIMIT, Screen
from locales import use_language

NOW = datetime(2024, 11, 21, 4, 30, tzinfo=UTC)


def member(role: Role = Role.MANAGER) -> Member:
    return Member(
        id=uuid4(), organization_id=uuid4(), telegram_id=1, role=role, status=MemberStatus.ACTIVE,
        name="Мила", language="ru", time_zone="Asia/Yekaterinburg", rights=DEFAULT_RIGHTS[role],
    )  # fmt: skip


def lead(**given: object) -> Lead:
    stage = Stage(uuid4(), "new", "", 0, "🔵", StageKind.OPEN)
    values: dict[str, object] = {
        "id": uuid4(), "organization_id": uuid4(), "number": 12, "name": "Иван", "company": "",
        "phones": ("+79991234567",), "emails": (), "inn": "", "amount": None, "note": "",
        "source": "telegram", "referral_code": "", "utm": {}, "custom": {}, "stage": stage,
        "assignee_id": None, "assignee_name": "", "sender_id": None, "sender_name": "", "version": 1,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Lead(**{**values, **given})  # type: ignore[arg-type]


@given(st.text(max_size=300), st.integers(min_value=10, max_value=200))
def test_clipped_text_fits_and_is_whole_html(text: str, room: int) -> None:
    shown = clip(text, room)
    assert len(shown) <= room
    plain = html.unescape(shown)
    assert plain == html.unescape(html.escape(text, quote=False)) or plain[:-1] in html.unescape(
        html.escape(text, quote=False)
    )
    assert not re.search(r"[<>]", shown)


@pytest.mark.parametrize(
    ("language", "amount", "expected"),
    [
        ("ru", "3000000", "3 000 000 ₽"),
        ("ru", "1500.50", "1 500,50 ₽"),
        ("en", "3000000.00", "RUB 3,000,000"),
        ("en", "1500.5", "RUB 1,500.50"),
    ],
)
def test_money_in_both_languages(language: str, amount: str, expected: str) -> None:
    with use_language(language):
        assert money(Money(Decimal(amount))).replace("\u00a0", " ") == expected


def test_default_stages_are_translated_and_renamed_ones_are_not() -> None:
    with use_language("en"):
        names = [stage_name(Stage(uuid4(), key, "", 0, "", kind)) for key, _color, kind in DEFAULT_STAGES]
        assert names == ["New", "Call", "Meeting", "Negotiation", "Qualified", "Refused"]
        assert stage_name(Stage(uuid4(), None, "Созвон", 0, "🟡", StageKind.OPEN)) == "🟡 Созвон"
    with use_language("ru"):
        names = [stage_name(Stage(uuid4(), key, "", 0, "", kind)) for key, _color, kind in DEFAULT_STAGES]
        assert names == ["Новый", "Звонок", "Встреча", "Переговоры", "Квалифицирован", "Отказ"]


def test_card_speaks_the_members_time_and_hides_no_markup() -> None:
    with use_language("en"):
        text = lead_text(lead(name="<b>Иван</b>", note="a & b"), member())
    assert "&lt;b&gt;Иван&lt;/b&gt;" in text
    assert "a &amp; b" in text
    assert "21 Nov 2024, 09:30" in text


@pytest.mark.parametrize(
    ("language", "now", "expected"),
    [
        ("en", datetime(2024, 11, 21, 18, 0, tzinfo=UTC), "09:30"),
        ("en", datetime(2024, 11, 21, 19, 0, tzinfo=UTC), "21 Nov, 09:30"),
        ("ru", datetime(2024, 11, 20, 18, 0, tzinfo=UTC), "21 нояб., 09:30"),
        ("ru", datetime(2024, 12, 31, 18, 59, tzinfo=UTC), "21 нояб., 09:30"),
        ("en", datetime(2024, 12, 31, 19, 0, tzinfo=UTC), "21 Nov 2024, 09:30"),
        ("ru", datetime(2025, 1, 1, tzinfo=UTC), "21 нояб. 2024, 09:30"),
    ],
)
def test_moment_is_as_short_as_the_members_calendar_allows(
    language: str, now: datetime, expected: str
) -> None:
    with use_language(language):
        assert moment(NOW, member(), now) == expected


def test_fullest_card_fits_into_a_message() -> None:
    full = lead(
        name="<&" * 50, company="&" * 200, emails=tuple(f"{'&' * 60}{i}@example.com" for i in range(9)),
        phones=tuple(f"+7999123450{i}" for i in range(9)), note="<" * 3000, assignee_id=uuid4(),
        assignee_name="&" * 100, sender_name="&" * 100, taken_at=NOW, amount=Money(Decimal("1e12")),
    )  # fmt: skip
    delivery = DeliveryState(Delivery.STUCK, error="crm_uncertain", next_try_at=NOW)
    for language in ("en", "ru"):
        with use_language(language):
            text = lead_text(full, member(), delivery)
            assert len(text) <= TEXT_LIMIT
            assert Screen(text).as_params()["text"] == text


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DeliveryState(Delivery.QUEUED), "On its way"),
        (DeliveryState(Delivery.SENDING), "On its way"),
        (DeliveryState(Delivery.DELIVERED, "17", "https://crm/#Lead/1", NOW), 'href="https://crm/#Lead/1"'),
        (DeliveryState(Delivery.DELIVERED), "In the CRM: the record"),
        (DeliveryState(Delivery.DELIVERED, "17", "javascript:1", NOW), "In the CRM: record 17, 21 Nov 2024"),
        (DeliveryState(Delivery.STUCK, error="crm_access_lost"), "refuses our key"),
        (DeliveryState(Delivery.STUCK, error="crm_unavailable", next_try_at=NOW), "Next try: 21 Nov 2024"),
        (DeliveryState(Delivery.FAILED, error="crm_rejected"), "Not in the CRM: the CRM does not accept"),
        (DeliveryState(Delivery.FAILED, error="something new"), "the CRM is not ready"),
    ],
)
def test_every_state_of_delivery_in_words(state: DeliveryState, expected: str) -> None:
    with use_language("en"):
        assert expected in delivery_line(state, member())


def test_every_crm_error_that_stops_a_lead_has_words() -> None:
    classes = (CrmUnavailable, CrmUncertain, CrmRateLimited, CrmAccessLost, CrmRejected, CrmGone)
    assert {error.code for error in classes} <= set(DELIVERY_ERRORS)


def test_line_of_a_list_is_short_and_tells_who_has_it() -> None:
    with use_language("en"):
        line = lead_line(lead(name="И" * 90, amount=Money(Decimal(5000)), assignee_name="Мила Иванова"))
    assert line.endswith("👤 Мила")
    assert len(line) < 80


@pytest.mark.parametrize("role", [Role.PARTNER, Role.MANAGER, Role.ADMIN])
@pytest.mark.parametrize("mine", [True, False])
def test_every_button_of_a_card_fits_into_telegram(role: Role, mine: bool) -> None:
    person = member(role)
    following = Stage(uuid4(), "call", "", 1, "🟡", StageKind.OPEN)
    shown = lead(assignee_id=person.id if mine else None, sender_id=person.id)
    rows = card_rows(person, shown, DeliveryState(Delivery.STUCK), following)
    for button in (button for row in rows for button in row):
        assert button.action is not None
        assert len(button.action.pack().encode()) <= 64


@pytest.mark.parametrize("role", [Role.PARTNER, Role.MANAGER, Role.ADMIN])
@pytest.mark.parametrize("mine", [True, False])
@pytest.mark.parametrize("sent", [True, False])
def test_a_card_has_at_most_eight_rows(role: Role, mine: bool, sent: bool) -> None:
    person = member(role)
    following = Stage(uuid4(), "call", "", 1, "🟡", StageKind.OPEN)
    shown = lead(
        assignee_id=person.id if mine else None,
        sender_id=person.id if sent else uuid4(),
        note="long " * 1000,
        phones=("+79991234567",),
    )
    rows = [row for row in card_rows(person, shown, DeliveryState(Delivery.STUCK), following) if row]
    beside = 3 if role is Role.PARTNER else 2  # undo, the ways on, and for a sender contacts and files
    assert len(rows) + beside <= 8
    assert max(len(row) for row in rows) <= 3
    does = [button.action.do for row in rows for button in row if isinstance(button.action, LeadButton)]
    assert ("more" in does) == (role is not Role.PARTNER)


def test_place_in_a_list_survives_a_leads_button() -> None:
    here = ListButton(owner="unassigned", stage="0123456789ab", page=120)
    packed = LeadButton(do="open", lead=uuid4(), extra=pack(here)).pack()
    assert len(packed.encode()) <= 64
    assert list_button(LeadButton.unpack(packed).extra) == here
    assert list_button("") is None
    assert list_button("9.0.") is None
