"""Bitrix24's errors -> classes of domain.errors. `error` is the only thing to go by: the status may be 200.

Source: the documentation's system errors and the error tables of the methods used here. Codes come in
upper or lower case, as numbers, or empty, where `error_description` alone says what is wrong.
"""

import re
from datetime import datetime
from typing import Any

from crm_adapters.credentials import GrantLost
from domain.errors import (
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUncertain,
    CrmUnsupported,
)

KEY_REFUSED = frozenset({"no_auth_found", "invalid_token", "invalid_credentials", "expired_token"})
ACCESS_LOST = KEY_REFUSED | {
    "method_confirm_waiting", "insufficient_scope", "user_access_error", "wrong_auth_type",
    "allowed_only_intranet_user", "portal_deleted", "overload_limit", "payment_required", "wrong_client",
    "not_installed", "invalid_client", "invalid_scope",
}  # fmt: skip
GONE = frozenset({"not_found", "owner_not_found"})
OF_ONE_RECORD = frozenset(
    {
        "crm.item.get", "crm.item.update", "crm.item.delete", "crm.activity.todo.add",
        "crm.timeline.comment.add", "crm.activity.add",
    }
)  # fmt: skip
OUT_OF_TIME = "operation_time_limit"
NO_SUCH_FILTER = "no such field"

_QUOTED = re.compile(r'["«“](?P<field>[^"«»“”]{1,60})["»”]')
_WORD = re.compile(r"\w{1,80}", re.ASCII)
_PLAIN = re.compile(r"[^\W\d_][^\d\"'«»@<>]{0,119}")
_UNBOUND = "could not build binding"
_SERVER = frozenset({"internal_server_error", "error_unexpected_answer"})


class TokenExpired(CrmAccessLost):
    """The access token is too old: refresh it and ask again."""


def error_of(
    method: str, status: int, code: Any, description: Any, busy_until: datetime, blocked_until: datetime
) -> CrmError | None:
    """The error of one answer or of one command of a batch; None leaves it to the common rules.

    `busy_until`: when to come back after too many requests; `blocked_until`: after too much running time.
    """
    word, text = str(code).casefold(), str(description or "")
    if not _WORD.fullmatch(word):
        word = "refused"
    if word == "query_limit_exceeded":
        return CrmRateLimited(busy_until, "too many requests")
    if word == OUT_OF_TIME:
        return CrmRateLimited(blocked_until, f"{method} used up its running time", of_account=False)
    if word == "expired_token":
        return TokenExpired(word)
    if word == "invalid_grant":
        return GrantLost(word)
    if word in ACCESS_LOST or (word == "access_denied" and status == 403):
        return CrmAccessLost(word)
    if word in _SERVER or status >= 500:
        return None if status else CrmUncertain(word)
    return _refused(method, word, text)


def _refused(method: str, word: str, text: str) -> CrmError:
    one_record = method in OF_ONE_RECORD
    if one_record and (word in GONE or text.casefold().startswith(_UNBOUND)):
        return CrmGone("record not found")
    if word == "access_denied":
        return CrmRejected("access denied") if one_record else CrmAccessLost("access denied")
    if word == "error_method_not_found":
        return CrmUnsupported("no such method")
    if word == "invalid_arg_value" and "not allowed in filter" in text:
        return CrmRejected(NO_SUCH_FILTER)
    if word.startswith("crm_field_error"):
        found = _QUOTED.search(text)
        what = word.removeprefix("crm_field_error_").replace("_", " ")
        return CrmRejected(f"validation: {what}", found["field"] if found else "")
    # Only mere words: numbers and quoted values stay out of our logs.
    plain = text.strip().rstrip(".")
    return CrmRejected(plain if _PLAIN.fullmatch(plain) else word)
