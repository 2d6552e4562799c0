"""Profile fields of a member: which there are, and how each is read."""

from zoneinfo import ZoneInfo, available_timezones

from domain.errors import BadInput
from domain.fields import read_email, read_inn, read_text
from domain.phones import read_phone

PROFILE_FIELDS = ("name", "phone", "city", "niche", "legal_form", "company", "inn", "email", "time_zone")
EMPTIABLE = ("city", "niche", "legal_form", "company", "inn", "email")
"""What may be left empty: the others are needed to work together."""

LEGAL_FORMS = ("self_employed", "sole_trader", "company", "person")


def read_profile(field: str, typed: str, region: str) -> str:
    """One profile field as it is kept; an empty text empties it where that may be. Raises BadInput."""
    if field not in PROFILE_FIELDS:
        raise BadInput(field, "unknown")
    if not typed and field in EMPTIABLE:
        return ""
    if field == "phone":
        return read_phone(typed, region)
    if field == "email":
        return read_email(typed)
    if field == "inn":
        return read_inn(typed)
    if field == "legal_form" and typed not in LEGAL_FORMS:
        raise BadInput("legal_form", "invalid")
    if field == "time_zone":
        return read_time_zone(typed)
    return read_text(field, typed, 100)


def read_time_zone(typed: str) -> str:
    """An IANA zone by its full name or its city, in any case. Raises BadInput("time_zone", "invalid")."""
    wanted = typed.strip().replace(" ", "_").casefold()
    for zone in sorted(available_timezones()):
        if wanted in (zone.casefold(), zone.rpartition("/")[2].casefold()):
            return ZoneInfo(zone).key
    raise BadInput("time_zone", "invalid")
