"""An organization's own fields: reading what people type, and keys, choices and templates."""

from datetime import date
from decimal import Decimal

import pytest

from crm_adapters import PROVIDERS
from domain.custom_fields import CustomField, FieldType, described, read_choices, read_key
from domain.custom_values import read_value, read_values, value_of
from domain.errors import BadInput
from domain.leads import Money
from domain.templates import check, empty_fields, fill
from handlers.fields.presets import PRESETS
from handlers.words import known_answers
from storage.ids import new_id


def field(kind: str, *choices: str, required: bool = False) -> CustomField:
    return CustomField(new_id(), "some", "Some", FieldType(kind), choices, required)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  any thing ", "any thing"),
        ("number", "1 000,5", "1000.5"),
        ("number", "-3", "-3"),
        ("number", "0", "0"),
        ("money", "3 млн", "3000000.00 RUB"),
        ("money", "15 000 rub", "15000.00 RUB"),
        ("date", "25.12.2026", "2026-12-25"),
        ("date", "2026-12-25", "2026-12-25"),
        ("date", "5 мая 2020 г.", "2020-05-05"),
        ("date", "March 5, 2020", "2020-03-05"),
        ("date", "3 янв 85", "1985-01-03"),
        ("date", "1.2.26", "2026-02-01"),
        ("yes_no", "yes", "yes"),
        ("yes_no", "No.", "no"),
        ("choice", "eng", "Eng"),
        ("choice", "2", "Chn"),
        ("choices", "chn, ENG", "Eng; Chn"),
        ("choices", "1;2;1", "Eng; Chn"),
        ("phone", "8 999 123-45-67", "+79991234567"),
    ],
)
def test_answers_as_people_type_them(kind: str, typed: str, kept: str) -> None:
    one = field(kind, "Eng", "Chn")
    assert read_value(one, typed, "RU", known_answers()) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        ("number", "many", "invalid"),
        ("number", "1e5", "invalid"),
        ("number", "9" * 20, "out_of_range"),
        ("money", "never", "invalid"),
        ("money", "-5", "invalid"),
        ("date", "31.12", "invalid"),
        ("date", "2026-02-30", "no_such_day"),
        ("date", "0.1.2020", "no_such_day"),
        ("date", "tomorrow", "invalid"),
        ("yes_no", "perhaps", "invalid"),
        ("choice", "Latin", "no_such_choice"),
        ("choice", "3", "no_such_choice"),
        ("choices", "Eng, Latin", "no_such_choice"),
        ("choices", ";;", "no_such_choice"),
        ("phone", "12", "invalid"),
        ("text", "x" * 501, "too_long"),
    ],
)
def test_what_cannot_be_read_says_why(kind: str, typed: str, reason: str) -> None:
    one = field(kind, "Eng", "Chn")
    with pytest.raises(BadInput) as caught:
        read_value(one, typed, "RU", known_answers())
    assert (caught.value.field, caught.value.reason) == (f"custom_{kind}", reason)


def test_required_and_unknown_keys() -> None:
    with pytest.raises(BadInput) as caught:
        read_value(field("text", required=True), "  ", "RU", known_answers())
    assert caught.value.reason == "required"
    assert read_values([field("number")], {"some": "5", "other": "x"}, "RU", known_answers()) == {"some": "5"}
    assert read_values([field("number")], {"some": ""}, "RU", known_answers()) == {}


def test_kept_values_come_back_as_what_they_are() -> None:
    assert value_of(field("number"), "12.5") == Decimal("12.5")
    assert value_of(field("money"), "3000000.00 RUB") == Money(Decimal("3000000.00"), "RUB")
    assert value_of(field("date"), "2026-12-25") == date(2026, 12, 25)
    assert value_of(field("yes_no"), "no") is False
    assert value_of(field("choices"), "A; B") == ("A", "B")
    # from a website or a CRM anything may come
    for kind in ("number", "money", "date", "yes_no"):
        assert value_of(field(kind), "who knows") == "who knows"


@pytest.mark.parametrize("typed", ["", "9lives", "Имя", "a" * 25, "a-b"])
def test_keys_are_plain(typed: str) -> None:
    with pytest.raises(BadInput):
        read_key(typed)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [(["A"], "few"), (["A", "a"], "double"), (["A;B", "C"], "semicolon"), (["x" * 65, "y"], "long"),
     ([str(number) for number in range(19)], "many")],
)  # fmt: skip
def test_choices_that_cannot_be_offered(typed: list[str], reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_choices(typed)
    assert caught.value.reason == reason


def test_presets_fit_the_rules_and_the_mappings_of_the_crms() -> None:
    for preset in PRESETS.values():
        keys = [one.key for one in preset.fields]
        assert len(keys) == len(set(keys))
        for one in preset.fields:
            assert read_key(one.key) == one.key
            if one.choices:
                assert read_choices(one.choices) == one.choices
    named = {
        rule["from"].removeprefix("custom.")
        for kind in PROVIDERS.values()
        for rule in dict(kind.default_mapping).get("lead", {}).values()
        if str(rule.get("from", "")).startswith("custom.")
    }
    assert named == {one.key for one in PRESETS["education"].fields}


def test_description_is_plain_json() -> None:
    told = described(field("choice", "A", "B", required=True))
    assert told["path"] == "custom.some"
    assert told["choices"] == ["A", "B"]
    assert told["required"] is True


def test_templates_are_filled_and_checked() -> None:
    known = ("name", "amount")
    check("Hello {name}, {{not a field}} {AMOUNT}", known)
    assert fill("Hello {name} , it is {Amount} {{x}}", {"name": "", "amount": "5"}) == "Hello, it is 5 {x}"
    assert empty_fields("{name} {amount}", {"name": "", "amount": "5"}) == ["name"]
    with pytest.raises(BadInput) as caught:
        check("Hello {nmae}", known)
    assert caught.value.reason == "unknown_field"
    assert caught.value.params["known"] == "{name}, {amount}"
    with pytest.raises(BadInput) as caught:
        check("Hello {name", known)
    assert caught.value.reason == "brace"
