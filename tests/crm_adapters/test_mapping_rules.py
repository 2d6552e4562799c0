"""The language of mapping.toml, and the overlay of an organization."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import mapping
from domain.errors import BadInput
from domain.leads import Money

RECORDS = {"lead": ("name", "note", "source", "stage", "utm.")}
SHAPES = {"upper": lambda value: value.upper() if value else value}


def made(rule: dict[str, Any], fields: frozenset[str] | None = None, **values: Any) -> dict[str, Any]:
    tree = {"lead": {"x": rule}, "enums": {"source": {"website": "Web Site", "flag": True}}}
    mapping.check(tree, RECORDS, SHAPES)
    values = {key.replace("_", "."): value for key, value in values.items()}
    return mapping.apply(tree, "lead", values, SHAPES, fields)


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ({"from": "name"}, {"name": "Иван"}, {"x": "Иван"}),
        ({"from": "name"}, {"name": ""}, {}),
        ({"from": "name"}, {}, {}),
        ({"from": "name", "default": "-"}, {"name": ""}, {"x": "-"}),
        ({"from": "name", "max": 2}, {"name": "Иван"}, {"x": "Ив"}),
        ({"from": "name", "as": "upper"}, {"name": "a"}, {"x": "A"}),
        ({"from": ["name", "note"]}, {"name": "a", "note": "b"}, {"x": "a b"}),
        ({"from": ["name", "note"], "join": "\n"}, {"name": "", "note": "b"}, {"x": "b"}),
        ({"from": "source", "map": "source"}, {"source": "website"}, {"x": "Web Site"}),
        ({"from": "source", "map": "source"}, {"source": "WebSite"}, {"x": "Web Site"}),
        ({"from": "source", "map": "source"}, {"source": "flag"}, {"x": True}),
        ({"from": "source", "map": "source"}, {"source": "moon"}, {}),
        ({"from": "source", "map": "source", "default": "Other"}, {"source": "moon"}, {"x": "Other"}),
        ({"from": "source", "map": "source", "default": "Other"}, {"source": ""}, {"x": "Other"}),
        ({"from": "note", "format": "promo {value}!"}, {"note": "7"}, {"x": "promo 7!"}),
        ({"from": "note", "format": "promo {value}!"}, {"note": ""}, {}),
        ({"from": "note", "format": "{value}"}, {"note": "{value}{0}"}, {"x": "{value}{0}"}),
        ({"from": "utm.source"}, {"utm_source": "vk"}, {"x": "vk"}),
        ({"constant": "Telegram"}, {}, {"x": "Telegram"}),
        ({"from": "note", "as": "text"}, {"note": ("+7916", "+7495")}, {"x": "+7916, +7495"}),
        ({"from": "note", "as": "text"}, {"note": Money(Decimal("3000000.50"))}, {"x": "3000000.50 RUB"}),
        ({"from": "note", "as": "figure"}, {"note": Money(Decimal("3000000"))}, {"x": 3000000}),
        ({"from": "note", "as": "figure"}, {"note": "many"}, {}),
        ({"from": "note", "phone": "digits"}, {"note": "+79161234567"}, {"x": "79161234567"}),
        ({"from": "note", "phone": "readable"}, {"note": "+79161234567"}, {"x": "+7 916 123-45-67"}),
        ({"from": "note", "phone": "digits"}, {"note": "call me"}, {"x": "call me"}),
        ({"from": "name", "optional": True}, {"name": "Иван"}, {"x": "Иван"}),
    ],
)
def test_a_rule(rule: dict[str, Any], values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert made(rule, **values) == expected


@pytest.mark.parametrize(
    ("fields", "values", "expected"),
    [
        ({"name"}, {"name": "a"}, {"x": "a"}),
        ({"name"}, {"name": ""}, {"x": None}),
        ({"note"}, {"name": "a"}, {}),
        (set(), {"name": "a"}, {}),
    ],
)
def test_an_update_writes_named_fields_and_clears_emptied_ones(
    fields: set[str], values: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert made({"from": "name"}, frozenset(fields), **values) == expected


def test_a_family_is_touched_by_its_name_or_by_one_member() -> None:
    rule = {"from": "utm.source"}
    assert made(rule, frozenset({"utm"}), utm_source="vk") == {"x": "vk"}
    assert made(rule, frozenset({"utm.source"}), utm_source="vk") == {"x": "vk"}
    assert made(rule, frozenset({"utm.term"}), utm_source="vk") == {}


@pytest.mark.parametrize(
    ("tree", "reason", "at"),
    [
        ({"deal": {}}, "unknown_record", "deal"),
        ({"lead": "x"}, "wrong_type", "lead"),
        ({"lead": {"x": "name"}}, "wrong_type", "lead.x"),
        ({"lead": {"x": {"form": "name"}}}, "unknown_key", "lead.x.form"),
        ({"lead": {"x": {"from": 1}}}, "wrong_type", "lead.x.from"),
        ({"lead": {"x": {"from": ["name", 1]}}}, "wrong_type", "lead.x.from"),
        ({"lead": {"x": {"from": "name", "max": "9"}}}, "wrong_type", "lead.x.max"),
        ({"lead": {"x": {}}}, "no_value", "lead.x"),
        ({"lead": {"x": {"from": "name", "constant": "y"}}}, "no_value", "lead.x"),
        ({"lead": {"x": {"from": "nick"}}}, "unknown_field", "lead.x"),
        ({"lead": {"x": {"from": "utm."}}}, "unknown_field", "lead.x"),
        ({"lead": {"x": {"from": "custom.y"}}}, "unknown_field", "lead.x"),
        ({"lead": {"x": {"from": "name", "as": "round"}}}, "unknown_shape", "lead.x"),
        ({"lead": {"x": {"from": "name", "map": "source"}}}, "unknown_enum", "lead.x"),
        ({"lead": {"x": {"from": "name", "format": "{value.__class__}"}}}, "bad_format", "lead.x"),
        ({"lead": {"x": {"from": "name", "format": "{"}}}, "bad_format", "lead.x"),
        ({"lead": {"x": {"from": "name", "format": "a {0} b"}}}, "bad_format", "lead.x"),
        ({"lead": {"x": {"from": "name", "phone": "loud"}}}, "unknown_spelling", "lead.x"),
        ({"lead": {"x": {"from": "=y"}}}, "unknown_field", "lead.x"),
        ({"lead": {"x": {"from": "=x"}}}, "cycle", "lead.x"),
        ({"lead": {"x": {"from": ["name", "=y"]}, "y": {"from": "=x"}}}, "cycle", "lead.x"),
        ({"lead": {"x": {"from": ["name"] * 21}}}, "too_many", "lead.x"),
        ({"lead": {"": {"from": "name"}}}, "bad_name", "lead."),
        ({"lead": {"x": {"from": "name", "max": True}}}, "wrong_type", "lead.x.max"),
        ({"enums": []}, "wrong_type", "enums"),
        ({"enums": {"source": ["a"]}}, "wrong_type", "enums.source"),
        ({"enums": {"source": {"a": 1}}}, "wrong_type", "enums.source"),
    ],
)
def test_a_slip_is_named_with_its_place(tree: dict[str, Any], reason: str, at: str) -> None:
    with pytest.raises(BadInput) as caught:
        mapping.check(tree, RECORDS, SHAPES)
    assert (caught.value.reason, caught.value.params["at"]) == (reason, at)


def test_a_value_is_made_of_other_attributes() -> None:
    tree = {
        "lead": {
            "word": {"from": "source", "map": "source", "default": "Other"},
            "text": {"from": ["note", "=word"], "join": "; source: "},
        },
        "enums": {"source": {"website": "Web Site"}},
    }
    mapping.check(tree, RECORDS, SHAPES)
    values = {"note": "hello", "source": "website"}
    assert mapping.apply(tree, "lead", values, SHAPES)["text"] == "hello; source: Web Site"
    changed = mapping.apply(tree, "lead", {**values, "source": "x"}, SHAPES, frozenset({"source"}))
    assert changed == {"word": "Other", "text": "hello; source: Other"}


def test_a_long_chain_is_refused() -> None:
    chain = {f"a{n}": {"from": f"=a{n + 1}"} for n in range(6)}
    with pytest.raises(BadInput) as caught:
        mapping.check({"lead": {**chain, "a6": {"from": "name"}}}, RECORDS, SHAPES)
    assert caught.value.reason == "too_deep"


def test_overlay_merges_replaces_and_removes() -> None:
    default: dict[str, Any] = {
        "lead": {"a": {"from": "name", "max": 9}, "b": {"from": "note"}},
        "enums": {"s": {"x": "X"}},
    }
    overrides = {"lead": {"a": {"max": 5}, "b": None, "c": {"constant": 1}}, "enums": {"s": {"x": "Y"}}}
    assert mapping.overlay(default, overrides) == {
        "lead": {"a": {"from": "name", "max": 5}, "c": {"constant": 1}},
        "enums": {"s": {"x": "Y"}},
    }
    assert default["lead"]["b"] == {"from": "note"}


WORDS = st.text("adefmorx.{}", max_size=6) | st.sampled_from(["from", "map", "max", "enums"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["lead", "enums", "x"]), TREES, max_size=3))
def test_any_overrides_are_followed_or_refused(overrides: dict[str, Any]) -> None:
    tree = mapping.overlay({"lead": {"x": {"from": "name"}}}, overrides)
    try:
        mapping.check(tree, RECORDS, SHAPES)
    except BadInput:
        return
    updated = frozenset({"name"})
    mapping.apply(tree, "lead", {"name": "a", "note": "b"}, SHAPES)
    mapping.apply(tree, "lead", {}, SHAPES, updated)


@given(TREES.map(lambda tree: {"a": tree}), TREES.map(lambda tree: {"a": tree}))
def test_overlaying_twice_changes_nothing_more(default: dict[str, Any], overrides: dict[str, Any]) -> None:
    once = mapping.overlay(default, overrides)
    assert mapping.overlay(once, overrides) == once
