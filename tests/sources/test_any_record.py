"""Whatever a source tells, each record is a purchase or a verdict on it, and never a crash."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.custom.config import DEFAULT_MAPPING, config_of
from crm_adapters.custom.reading import Reader as CustomReader
from crm_adapters.mapping import overlay
from crm_adapters.onec.presets import DEFAULT_MAPPING as PRESETS
from crm_adapters.onec.presets import presets_of
from crm_adapters.onec.reading import Known, Reader
from crm_adapters.onec.service import listed
from crm_adapters.purchase_values import own_of
from crm_adapters.renovatio.reading import Clinic, invoice, visit
from domain.errors import CrmUnavailable
from domain.transactions import SourceTransaction, Unreadable

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OWN = own_of({})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(
        ["2026-03-04T10:00:00", "04.03.2026 10:00", "100.50", "+79990001122", "completed", "2", "0001-01-01"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES_1C = (
    "Ref_Key",
    "Date",
    "Posted",
    "DeletionMark",
    "Number",
    "СуммаДокумента",
    "Контрагент_Key",
    "Валюта_Key",
    "Товары",
    "ВидОперации",
    "ЧекККМПродажа_Key",
    "НомерТелефона",
)
NAMES_VISIT = (
    "id",
    "time_start",
    "date",
    "status",
    "sum_value",
    "services",
    "patient_id",
    "patient_phone",
    "moved_to",
    "date_updated",
    "value",
    "paid_sum",
)
NAMES_CUSTOM = (
    "id",
    "date",
    "amount",
    "customer_phone",
    "currency",
    "deleted",
    "description",
    "rows",
    "of",
    "v",
)


def records(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES))


def is_sound(found: SourceTransaction | Unreadable) -> bool:
    if isinstance(found, Unreadable):
        return bool(found.field and found.problem)
    return found.external_id != "" and found.amount.amount >= 0 and found.happened_at.tzinfo is not None


@given(records(NAMES_1C) | VALUES, st.sampled_from(sorted(presets_of(PRESETS).documents)))
def test_documents_of_1c(record: Any, name: str) -> None:
    presets = presets_of(PRESETS)
    assert is_sound(Reader(presets, OWN).read(presets.documents[name], record, Known(), NOW))


@given(VALUES)
def test_answers_of_a_service(answer: Any) -> None:
    try:
        found, following = listed(answer)
    except CrmUnavailable:
        return
    assert isinstance(found, list)
    assert isinstance(following, str)


@given(records(NAMES_VISIT), st.booleans())
def test_visits_and_invoices(record: dict[str, Any], cancelled: bool) -> None:
    clinic = Clinic("https://app.rnova.org", OWN, "secret")
    for found in (visit(record, clinic, cancelled, NOW), invoice(record, clinic, "", cancelled, NOW)):
        assert is_sound(found)
        assert not {"services", "patient_id", "patient_phone"} & set(found.raw)


@given(st.lists(records(NAMES_CUSTOM) | VALUES, max_size=3), st.booleans())
def test_records_of_a_connector(found: list[Any], named: bool) -> None:
    mapping: dict[str, Any] = {
        "fields": {"refers_to": "of", "revision": "v", **({} if named else {"id": None})},
        "lines": {"each": "$.rows[*]", "title": "n", "price": "p", "quantity": "q"},
    }
    reader = CustomReader(config_of(overlay(DEFAULT_MAPPING, mapping)), OWN, "shop")
    read = reader.page(found, NOW)
    assert len(read) == len(found)
    assert all(map(is_sound, read))
