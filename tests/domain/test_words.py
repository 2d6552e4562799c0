"""Words that leads are found by: folding, phones from both ends, one wrong letter against a plain judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.lead_query import LeadQuery, query_of, read_text
from domain.words import fold, one_letter_apart, spellings, words_in, words_of_lead

LETTERS = st.text("абвк", min_size=4, max_size=8)


def apart(one: str, other: str) -> bool:
    """The judge: every text that one edit makes of `one`."""
    made = {one[:i] + one[i + 1 :] for i in range(len(one))}
    made |= {one[:i] + letter + one[i:] for i in range(len(one) + 1) for letter in "абвк"}
    made |= {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in "абвк"}
    made |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    return other in made - {one}


@given(LETTERS, LETTERS)
def test_one_letter_apart_is_what_one_edit_makes(one: str, other: str) -> None:
    assert one_letter_apart(one, other) == apart(one, other)


@given(LETTERS, st.data())
def test_words_one_edit_apart_share_a_spelling(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    edits = (
        word[:place] + word[place + 1 :],
        word[:place] + "к" + word[place:],
        word[:place] + "к" + word[place + 1 :],
    )
    for other in edits:
        assert spellings(word) & spellings(other)


@given(st.text())
def test_any_text_is_folded_into_words(text: str) -> None:
    for word in words_in(text):
        assert 0 < len(word) <= 64
        assert words_in(word) == [word]
    assert fold(fold(text)) == fold(text)


def test_words_of_a_lead() -> None:
    found = words_of_lead(
        ["Ёж-Ко, ООО «Ａｂｃ»", "7707083893"], ["+79991234567"], ["I.Petrov@mail.example.com"]
    )
    assert found == {
        "еж", "ко", "ооо", "abc", "7707083893", "+79991234567", "~76543219997", "petrov", "mail", "example",
    }  # fmt: skip


@pytest.mark.parametrize("typed", ["", "   ", "%", "_*?", "«»"])
def test_nothing_to_look_for(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_text(typed, "RU")
    assert refused.value.reason == "required"


def test_what_is_typed_is_read() -> None:
    assert read_text("#12", "RU").number == 12
    assert read_text("8 999 123-45-67", "RU").phones == ("+79991234567",)
    assert "~7654" in read_text("4567", "RU").beginnings
    assert read_text("Пётр 89991234567", "RU").words == ("петр",)
    with pytest.raises(BadInput):
        read_text("я" * 4096, "RU")


def test_query_survives_json_and_nonsense() -> None:
    query = LeadQuery(text="a", tags=("b", "a"), no_next_step=True, custom={"x": "1"})
    assert query_of(query.as_json()).as_json() == query.as_json()
    assert query_of({"owner": "others", "stage": "?", "least": "much", "tags": 3}) == LeadQuery()
