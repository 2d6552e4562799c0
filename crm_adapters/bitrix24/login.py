"""Bitrix24's consent page for a local application, and the code of thirty seconds that it ends with.

Source: b24restdocs, settings/oauth: the page stands on the portal, tokens are given by the OAuth server.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

import httpx

from crm_adapters.bitrix24.faults import error_of
from crm_adapters.bitrix24.settings import oauth_of, portal_of
from crm_adapters.http import DEFAULT_WAIT, Answer, Call, CrmHttp
from domain.errors import BadInput, CrmAccessLost, CrmError


def page(settings: Mapping[str, str], state: str) -> str:
    """The address where an admin of the portal agrees."""
    query = urlencode({"client_id": settings["client_id"], "state": state})
    return f"{portal_of(settings['url'])}/oauth/authorize/?{query}"


async def settle(
    settings: Mapping[str, str], answer: Mapping[str, str], http: CrmHttp, now: datetime
) -> Mapping[str, str]:
    """The first pair of tokens for the code. Raises BadInput for another portal than the one connected,
    CrmAccessLost for a code that is too old or used up."""
    portal, chosen = httpx.URL(portal_of(settings["url"])), answer.get("domain", "")
    if chosen and chosen.casefold() not in (portal.host, portal.netloc.decode("ascii")):
        raise BadInput("url", "other_account")
    params = {"grant_type": "authorization_code", "code": answer["code"]}
    params |= {name: settings.get(name, "") for name in ("client_id", "client_secret")}
    call = Call("GET", f"{oauth_of(settings)}/oauth/token/", params=params, repeatable=True)
    given = await http.call(call, lambda got: _error(got, now))
    tokens = {name: given.get(name) if isinstance(given, dict) else None
              for name in ("access_token", "refresh_token")}  # fmt: skip
    if not all(isinstance(token, str) and token for token in tokens.values()):
        raise CrmAccessLost("no token came back")
    return {name: str(token) for name, token in tokens.items()}


def _error(answer: Answer, now: datetime) -> CrmError | None:
    try:
        body = answer.json()
    except ValueError:
        return None
    if not isinstance(body, dict) or "error" not in body:
        return None
    later = now + DEFAULT_WAIT
    return error_of("oauth", answer.status, body["error"], body.get("error_description", ""), later, later)
