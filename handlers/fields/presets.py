"""Ready-made sets of fields for kinds of business. Names and choices are translated when they are added.

The keys of the education preset are those that the shipped mappings of the CRMs know as `custom.<key>`.
"""

from dataclasses import dataclass

from domain.custom_fields import FieldType
from locales import N_, _


@dataclass(frozen=True, slots=True)
class Ready:
    """A field of a preset; `name` and `choices` are msgids."""

    key: str
    name: str
    type: FieldType
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    title: str
    fields: tuple[Ready, ...]


_CREDIT = (
    Ready("loan_type", N_("Kind of loan"), FieldType.CHOICE, (
        N_("Mortgage"), N_("Refinancing"), N_("Cash loan"), N_("Car loan"), N_("Secured loan"),
        N_("Business loan"),
    )),
    Ready("loan_term", N_("Term, months"), FieldType.NUMBER),
    Ready("down_payment", N_("Down payment"), FieldType.MONEY),
    Ready("income", N_("Monthly income"), FieldType.MONEY),
    Ready("income_proof", N_("Proof of income"), FieldType.CHOICE, (
        N_("Tax certificate"), N_("Bank's form"), N_("Account statement"), N_("None"),
    )),
    Ready("credit_history", N_("Credit history"), FieldType.CHOICE, (
        N_("Good"), N_("Late payments"), N_("Overdue now"), N_("No history"),
    )),
    Ready("banks", N_("Banks"), FieldType.TEXT),
    Ready("passport", N_("Passport scan"), FieldType.FILE),
)  # fmt: skip
_EDUCATION = (
    Ready("user_type", N_("Who is it"), FieldType.CHOICE, (
        N_("School student"), N_("University student"), N_("Graduate"), N_("Parent"),
    )),
    Ready("field_of_study", N_("Field of study"), FieldType.TEXT),
    Ready("universities", N_("Universities"), FieldType.TEXT),
    Ready("language", N_("Language of study"), FieldType.CHOICE, (
        N_("Russian"), N_("English"), N_("German"), N_("French"), N_("Chinese"), N_("Another one"),
    )),
    Ready("scholarship", N_("Scholarship needed"), FieldType.YES_NO),
)  # fmt: skip
_CLINIC = (
    Ready("birth_date", N_("Date of birth"), FieldType.DATE),
    Ready("doctor", N_("Doctor"), FieldType.TEXT),
    Ready("complaint", N_("Complaint"), FieldType.TEXT),
    Ready("visit_date", N_("Day of the visit"), FieldType.DATE),
    Ready("insurance", N_("Who pays"), FieldType.CHOICE, (
        N_("The patient"), N_("State insurance"), N_("Private insurance"),
    )),
    Ready("first_visit", N_("First visit"), FieldType.YES_NO),
)  # fmt: skip
_SALON = (
    Ready("salon_services", N_("Services"), FieldType.CHOICES, (
        N_("Haircut"), N_("Colouring"), N_("Styling"), N_("Manicure"), N_("Pedicure"), N_("Brows and lashes"),
        N_("Massage"),
    )),
    Ready("master", N_("Specialist"), FieldType.TEXT),
    Ready("visit_date", N_("Day of the visit"), FieldType.DATE),
    Ready("first_visit", N_("First visit"), FieldType.YES_NO),
    Ready("birth_date", N_("Date of birth"), FieldType.DATE),
)  # fmt: skip

PRESETS: dict[str, Preset] = {
    "credit": Preset(N_("🏦 Credit brokerage"), _CREDIT),
    "education": Preset(N_("🎓 Education"), _EDUCATION),
    "clinic": Preset(N_("🏥 Clinic"), _CLINIC),
    "salon": Preset(N_("💇 Salon"), _SALON),
}


def fields_of(preset: Preset) -> list[tuple[str, str, FieldType, tuple[str, ...]]]:
    """Key, name, type and choices of every field, in the current language."""
    return [(one.key, _(one.name), one.type, tuple(map(_, one.choices))) for one in preset.fields]
