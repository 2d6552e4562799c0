"""A lead out of one line of text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.free_text import Words, opening_name, read_lead
from domain.leads import LeadDraft
from domain.phones import read_phone

WORDS = Words(
    multipliers={
        "тыс": Decimal(1000), "тысяч": Decimal(1000), "млн": Decimal(10**6), "миллиона": Decimal(10**6),
        "million": Decimal(10**6), "k": Decimal(1000), "к": Decimal(1000), "тр": Decimal(1000),
    },
    currencies=frozenset({"руб", "рублей", "rub", "р", "₽"}),
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
        ("Иван 89991234567 ипотека 3 млн ₽", "Иван", "3000000", "ипотека"),
        ("Иван 89991234567 300 т.р. аванс", "Иван", "300000", "аванс"),
        ("Иван 89991234567 300 т.р", "Иван", "300000", ""),
        ("Иван 89991234567 аванс 50 тыс. руб. завтра", "Иван", "50000", "аванс завтра"),
        ("Иван 89991234567 500к", "Иван", "500000", ""),
        ("Иван 89991234567 1,5 млн р. Сочи", "Иван", "1500000", "Сочи"),
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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Иван 8 999 123-45-67 ипотека", "Иван"),
        ("Иван Петров: +7 999 123-45-67", "Иван Петров"),
        ("Анна-Мария, anna@example.com", "Анна-Мария"),
        ("Позвоните мне 8 999 123-45-67", ""),
        ("8 999 123-45-67 Иван", ""),
        ("Очень Длинное Имя Человека 8 999 123-45-67", ""),
        ("без телефона", ""),
    ],
)
def test_name_that_stands_alone_before_the_contact(text: str, name: str) -> None:
    assert opening_name(text, "RU") == name


MILLIONS = ("млн", "млн.", "МЛН", "миллиона")
THOUSANDS = ("тыс", "тыс.", "к", "т.р.", "Т.Р.", "тр", "k")
CURRENCIES = ("", " руб", " руб.", " ₽", "₽", " р.", " рублей")


@given(
    st.integers(min_value=1, max_value=9_999),
    st.sampled_from([(word, 10**6) for word in MILLIONS] + [(word, 1000) for word in THOUSANDS]),
    st.sampled_from(CURRENCIES),
    st.sampled_from(["", " "]),
    st.lists(st.sampled_from(["ипотека", "двушка", "срочно"]), max_size=3),
)
def test_every_spelling_of_an_amount_leaves_nothing_behind(
    number: int, word: tuple[str, int], currency: str, space: str, rest: list[str]
) -> None:
    draft = lead(f"Иван 89991234567 {number}{space}{word[0]}{currency} {' '.join(rest)}")
    assert draft.amount == Decimal(number) * word[1]
    assert draft.note.split() == rest


@given(
    st.lists(st.sampled_from(["ипотека", "квартира", "срочно", "вторичка", "взнос", "ремонт"]), max_size=6)
)
def test_no_word_is_lost(words: list[str]) -> None:
    draft = lead(" ".join(["Иван", "+79991234567", *words]))
    assert draft.note.split() == words
