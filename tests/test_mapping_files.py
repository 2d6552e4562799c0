"""A mapping goes through a file and back unchanged, and a spoilt file is explained by its line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import NAMES, PROVIDERS
from crm_adapters.mapping import overlay
from domain.errors import BadInput
from services.mapping import files as mapping_files
from services.mapping import tree as mapping_tree

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    [
        "yes",
        "no",
        "null",
        "1",
        "1.5",
        "- x",
        "a: b",
        "#",
        "'",
        '"',
        "\\",
        "UF_CRM_1",
        "fields.Канал",
        "~",
        "[x]",
    ]
)
SCALARS = WORDS | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9)
RULES = st.dictionaries(WORDS, SCALARS | st.lists(WORDS, max_size=3), max_size=4)
TREES = st.dictionaries(WORDS, st.dictionaries(WORDS, RULES, min_size=1, max_size=3), max_size=3)


@given(TREES, st.sampled_from(mapping_files.KINDS))
def test_any_tree_comes_back_as_it_was(tree: dict[str, Any], kind: str) -> None:
    text = mapping_files.written(tree, kind, "espocrm").decode()
    assert mapping_files.read(f"x.{kind}", text) == tree


@pytest.mark.parametrize("kind", mapping_files.KINDS)
@pytest.mark.parametrize("provider", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_shipped_mapping_survives_every_editor(provider: str, kind: str, encoding: str) -> None:
    tree = dict(PROVIDERS[provider].default_mapping)
    tree["enums"] = {name: table for name, table in tree["enums"].items() if name != "sign"}
    if provider == "retailcrm" and encoding == "cp1251":
        tree.pop("note")
    text = mapping_files.written(tree, kind, provider).decode().replace("\n", "\r\n")
    content = mapping_files.decoded(text.encode(encoding))
    assert mapping_files.read(f"x.{kind}", content) == tree


LEAVES = st.recursive(
    st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=10,
)
MAPS = st.dictionaries(st.text("abc", max_size=2), LEAVES, max_size=4)


@given(MAPS, MAPS)
def test_what_differs_makes_the_wanted_of_the_shipped(
    default: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert overlay(default, mapping_tree.difference(default, wanted)) == wanted


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("m.toml", '[lead.name]\nfrom = "name\n', 2),
        ("m.toml", "[lead.name]\nfrom = \n", 2),
        ("m.toml", "no table at all", 1),
        ("m.toml", "[lead.a]\n[lead.a]\n", 2),
        ("m.yaml", "lead:\n  name:\n    from: [a, b\n", 3),
        ("m.yaml", "lead:\n\tname: x\n", 2),
        ("m.yml", "lead: &anchor\n", 1),
        ("m.yaml", "lead:\n  a: 1\n  a: 2\n", 3),
        ("m.yaml", "lead:\n  a:\n      b: 1\n    c: 2\n", 4),
        ("m.yaml", "just words\n", 1),
        ("m.yaml", 'lead: "x" y\n', 1),
    ],
)
def test_a_slip_is_told_by_its_line(name: str, text: str, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        mapping_files.read(name, text)
    assert (caught.value.field, caught.value.reason) == ("mapping", "syntax")
    assert caught.value.params["line"] == line


@given(st.text(max_size=60), st.sampled_from(["m.toml", "m.yaml"]))
def test_any_text_is_a_tree_or_a_slip(text: str, name: str) -> None:
    try:
        found = mapping_files.read(name, text)
    except BadInput as error:
        found = {"line": error.params["line"]}
    assert isinstance(found, dict)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file_empty"),
        (b"  \n\n", "file_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
        (b"PK\x03\x04" + bytes(40), "not_text"),
        (b"[lead.x]\n" * 30_000, "file_too_big"),
    ],
)
def test_what_is_no_file_of_ours(content: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        mapping_files.decoded(content)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "at", "line"),
    [
        ('[lead.a]\nfrom = "x"\n\n[lead."b.c"]\nmap = "y"\n', "lead.b.c", 4),
        ('[lead.a]\nfrom = "x"\n', "lead.a.from", 1),
        ("lead:\n  a:\n    from: x\n  b: {}\n", "lead.b", 4),
        ("[enums.source]\nx = 1\n", "enums.source", 1),
        ("[deal]\n", "deal", 1),
        ("[deal]\n", "lead.x", 0),
    ],
)
def test_the_line_of_a_place(text: str, at: str, line: int) -> None:
    assert mapping_files.line_of(text, at) == line
