"""Payloads shown to admins: the shape stays, people go."""

import json

import pytest

from domain.masking import mask, mask_body

PERSON = {
    "firstName": "Иван",
    "phone": "+7 916 123-45-67",
    "contacts": [{"value": "ivan@example.com", "note": "звонить 89161234567"}],
    "amount": 3000000,
}


def test_people_are_hidden_whatever_the_key() -> None:
    text = json.dumps(mask(PERSON), ensure_ascii=False)
    for secret in ("Иван", "916", "1234567", "ivan@", "example.com", "звонить", "3000000"):
        assert secret not in text
    assert mask(PERSON)["phone"] == "+7***67"


def test_what_names_nobody_stays() -> None:
    plain = {
        "id": "65f",
        "status": "In-Process",
        "stage_id": 7,
        "deleted": False,
        "fields": ["name", "phone"],
    }
    assert mask(plain) == plain


def test_a_person_under_a_plain_key_is_hidden() -> None:
    assert "Петров" not in json.dumps(mask({"status": "Иван Петров", "id": "a@b.ru"}), ensure_ascii=False)


def test_depth_is_bounded() -> None:
    deep: object = "Иван"
    for _ in range(50):
        deep = {"id": deep}
    assert "Иван" not in str(mask(deep))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(PERSON).encode(),
        b"leads[status][0][id]=5&leads[status][0][name]=%D0%98%D0%B2%D0%B0%D0%BD&phone=%2B79161234567",
        b"\xff\xfe ivan@example.com",
        b"",
    ],
)
def test_bodies_of_any_kind_are_masked(body: bytes) -> None:
    text = mask_body(body)
    for secret in ("Иван", "9161234567", "ivan@example"):
        assert secret not in text


def test_a_form_keeps_its_ids() -> None:
    assert mask_body(b"leads[status][0][id]=5&x=1") == "leads[status][0][id]=5\nx=1… (1)"
