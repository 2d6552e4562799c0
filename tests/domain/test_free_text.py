"""A lead out of one line of text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.free_text import Words, read_lead
from domain.leads import LeadDraft
from domain.phones import read_phone

WORDS = Words(
    multipliers={
        "тыс": Decimal(1000), "тысяч": Decimal(1000), "млн": Decimal(10**6), "миллиона": Decimal(10**6),
        "million": Decimal(10**6), "k": Decimal(1000),
    },
    currencies=frozenset({"руб", "рублей", "rub"}),
)  # fmt: skip


def lead(text: str) -> LeadDraft:
    draft = read_lead(text, "RU", WORDS)
    assert draft is not None
    return draft


@pytest.mark.parametrize(
    ("text", "name", "amount", "note"),
    [
        ("Иван 8 999 123-45-67 ипотека 3 млн", "Иван", "3000000", "ипотека"),
        ("Иван Петров +7 999 123-45-67", "Иван Петров", None, ""),
        ("8 999 123-45-67 Иван ипотека", "Иван", None, "ипотека"),
        ("8 999 123-45-67, Иван Петров, ипотека 1,5 млн", "Иван Петров", "1500000", "ипотека"),
        ("Анна-Мария 89991234567 квартира 12000000", "Анна-Мария", "12000000", "квартира"),
        ("Ivan +79991234567 mortgage 3 million", "Ivan", "3000000", "mortgage"),
        ("Иван 89991234567 двушка за 500 тысяч рублей срочно", "Иван", "500000", "двушка за срочно"),
        ("Иван 89991234567 бюджет 15 000 ₽", "Иван", "15000", "бюджет"),
        ("Иван 89991234567 хочет 2 комнаты", "Иван", None, "хочет 2 комнаты"),
        ("иван 89991234567 ипотека", "иван", None, "ипотека"),
    ],
)
def test_typed_lines(text: str, name: str, amount: str | None, note: str) -> None:
    draft = lead(text)
    assert draft.phones == ("+79991234567",)
    assert draft.name == name
    assert draft.amount == (Decimal(amount) if amount else None)
    assert draft.note == note


def test_a_phone_alone_has_no_name() -> None:
    assert lead("8 999 123-45-67") == LeadDraft(phones=("+79991234567",))


def test_an_email_is_enough() -> None:
    draft = lead("Анна Anna@Example.com вебинар")
    assert (draft.name, draft.emails, draft.phones) == ("Анна", ("anna@example.com",), ())
    assert draft.note == "вебинар"


def test_several_phones_once_each_and_an_email() -> None:
    draft = lead("Иван 8 999 123-45-67 или +7 916 123-45-67, он же +79991234567, ivan@example.com")
    assert draft.phones == ("+79991234567", "+79161234567")
    assert draft.emails == ("ivan@example.com",)


@pytest.mark.parametrize(
    "text",
    ["", "привет", "3 млн", "позвоните мне завтра в 10:00", "заказ 123456", "anna@", "договор 77-07/083893"],
)
def test_without_phone_and_email_it_is_no_lead(text: str) -> None:
    assert read_lead(text, "RU", WORDS) is None


def test_markup_characters_stay_as_typed() -> None:
    draft = lead("Иван 89991234567 <b>срочно</b> & дёшево")
    assert draft.note == "<b>срочно</b> & дёшево"


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_words_around_a_phone_keep_the_phone(before: str, after: str) -> None:
    draft = read_lead(f"{before} \n+7 999 123-45-67\n {after}", "RU", WORDS)
    assert draft is not None
    assert "+79991234567" in draft.phones
    assert len(draft.name) <= 100
    assert all(read_phone(phone, "RU") == phone for phone in draft.phones)
    assert draft.amount is None or draft.amount > 0


@given(
    st.lists(st.sampled_from(["ипотека", "квартира", "срочно", "вторичка", "взнос", "ремонт"]), max_size=6)
)
def test_no_word_is_lost(words: list[str]) -> None:
    draft = lead(" ".join(["Иван", "+79991234567", *words]))
    assert draft.note.split() == words
