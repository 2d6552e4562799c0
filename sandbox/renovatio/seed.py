"""The clinic that a stand-in starts with."""

import secrets
from dataclasses import dataclass, field

from sandbox.renovatio.state import State

METHODS = frozenset({
    "getClinics", "getUsers", "getAppointments", "v2/getAppointments", "createAppointment",
    "confirmAppointment", "cancelAppointment", "getPatient", "createPatient", "getSchedule", "getInvoices",
    "v2/getInvoices",
    "v2/getInvoiceServices",
})  # fmt: skip
DIRECTORY_ONLY = frozenset({"getClinics", "getUsers"})


@dataclass(frozen=True, slots=True)
class Keys:
    """A key that may everything, and one that may read directories only; random unless given."""

    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    narrow: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Set the account up."""
    state.keys = {keys.api_key: METHODS, keys.narrow: DIRECTORY_ONLY}
    state.clinics = [
        {"id": 3, "title": "Клиника на Мира", "doc_name": "ООО Миллениум", "address": "Мира, 1",
         "phone": "74951234567", "email": "mira@example.com"},
    ]  # fmt: skip
    state.users = [
        {"id": 21, "name": "Иванова А. А.", "gender": "2", "role": ["2"], "role_titles": "Врач",
         "phone": "79990000021", "email": "", "profession": ["7"], "profession_titles": "Терапевт",
         "clinic": ["3"], "clinic_titles": "Клиника на Мира", "default_clinic": "3", "avg_time": 30,
         "is_outside": False, "is_telemedicine": False, "is_deleted": False},
    ]  # fmt: skip
