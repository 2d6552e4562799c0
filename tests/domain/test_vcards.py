"""vCards as phones export them."""

from hypothesis import given
from hypothesis import strategies as st

from domain.vcards import LIMIT, Card, read_vcard

IPHONE = """BEGIN:VCARD
VERSION:3.0
N:Петров;Иван;;;
FN:Иван Петров
ORG:ООО «Ромашка»;Отдел продаж
item1.TEL;type=CELL;type=VOICE;type=pref:+7 (999) 123-45-67
TEL;TYPE=WORK:8 495 123 45 67
item2.EMAIL;type=INTERNET:ivan@example.com
NOTE:Перезвонить\\, срочно\\nпосле обеда
END:VCARD
"""
ANDROID = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F=D0=B5=D1=82=D1=80=D0=BE=D0=B2;=D0=98=D0=B2=\r
=D0=B0=D0=BD;;;\r
TEL;CELL:+79991234567\r
END:VCARD\r
"""


def test_a_card_with_several_numbers() -> None:
    assert read_vcard(IPHONE) == Card(
        name="Иван Петров",
        company="ООО «Ромашка» Отдел продаж",
        phones=("+7 (999) 123-45-67", "8 495 123 45 67"),
        emails=("ivan@example.com",),
        note="Перезвонить, срочно\nпосле обеда",
    )


def test_an_old_card_in_quoted_printable() -> None:
    card = read_vcard(ANDROID)
    assert (card.name, card.phones) == ("Петров Иван", ("+79991234567",))


def test_folded_lines_and_addresses_as_uris() -> None:
    card = read_vcard("BEGIN:VCARD\nFN:Иван\n  Петров\nTEL;VALUE=uri:tel:+7-999-123-45-67\nEND:VCARD")
    assert (card.name, card.phones) == ("Иван Петров", ("+7-999-123-45-67",))


def test_only_the_first_card_counts() -> None:
    card = read_vcard(IPHONE + IPHONE.replace("999", "916"))
    assert len(card.phones) == 2


@given(st.text(max_size=400))
def test_any_text_gives_a_card(text: str) -> None:
    card = read_vcard("BEGIN:VCARD\n" + text)
    assert len(card.phones) <= LIMIT
    assert all(phone.strip() for phone in card.phones)
