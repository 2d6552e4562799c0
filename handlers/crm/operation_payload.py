"""What an operation writes, as far as it may be shown."""

import json
from collections.abc import Sequence
from typing import Any

from domain.delivery import CANDIDATES
from domain.leads import Lead
from domain.masking import mask, mask_phone, mask_word


def masked_payload(payload: Any, lead: Lead | None = None) -> str:
    """What an operation writes, as JSON without personal data; of a lead only what it is recognised by."""
    shown = {key: value for key, value in payload.items() if key != CANDIDATES}
    found = {"candidates": [one["id"] for one in payload[CANDIDATES]]} if CANDIDATES in payload else {}
    who = {} if lead is None else {"name": mask_word(lead.title), "phones": _phones(lead.phones)}
    return json.dumps(mask(shown) | mask(found) | who, ensure_ascii=False)


def _phones(phones: Sequence[str]) -> list[str]:
    return [mask_phone(phone) for phone in phones[:3]]
