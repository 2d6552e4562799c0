"""amoCRM's OAuth: a code of twenty minutes for the first pair, a refresh token of three months for the next.

Both are used up by being used. A refresh whose answer is lost cannot be made good: the admin has to allow
the integration again. So the new pair is kept before anything is sent with it (credentials.Renew).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_adapters.credentials import GrantLost
from crm_adapters.http import Answer, Call, CrmHttp
from domain.errors import CrmError, CrmUnavailable

USED_UP = "refresh token used up, expired or revoked"
EARLY = timedelta(minutes=5)
"""How long before its end an access token (24 hours) is renewed."""


def is_stale(keys: Mapping[str, str], now: datetime) -> bool:
    """Whether there is no access token, or one that ends soon. `expires_at` is ISO 8601; without it the
    server tells."""
    if not keys.get("access_token"):
        return True
    try:
        ends = datetime.fromisoformat(keys["expires_at"])
    except (KeyError, ValueError):
        return False
    ends = ends.replace(tzinfo=UTC) if ends.tzinfo is None else ends
    return ends - EARLY <= now


async def refresh(site: str, keys: Mapping[str, str], http: CrmHttp, now: datetime) -> Mapping[str, str]:
    """access_token, refresh_token and expires_at anew, for the refresh token or else the code, which is
    emptied. Raises GrantLost with USED_UP when the token is refused."""
    body = {name: keys.get(name, "") for name in ("client_id", "client_secret", "redirect_uri")}
    if keys.get("refresh_token"):
        body |= {"grant_type": "refresh_token", "refresh_token": keys["refresh_token"]}
    else:
        body |= {"grant_type": "authorization_code", "code": keys.get("auth_code", "")}
    # repeatable as to records: an unanswered refresh has written none
    call = Call("POST", f"{site}/oauth2/access_token", body=body, repeatable=True, reads=True)
    answer = await http.call(call, _error)
    pair: dict[str, Any] = {name: answer.get(name) if isinstance(answer, dict) else None
            for name in ("access_token", "refresh_token")}  # fmt: skip
    if not all(isinstance(token, str) and token for token in pair.values()):
        raise CrmUnavailable("no tokens came back")
    return {**pair, "expires_at": (now + _life(answer)).isoformat(), "auth_code": ""}


def _life(answer: Any) -> timedelta:
    seconds = answer.get("expires_in")
    return timedelta(seconds=seconds) if isinstance(seconds, int) else timedelta(hours=24)


def _error(answer: Answer) -> CrmError | None:
    if answer.status in (400, 401):
        return GrantLost(USED_UP)
    return None
