"""amoCRM's consent page, and the code that the browser brings back from it.

Source: amocrm.ru/developers, step by step of OAuth: the page stands at the vendor's own host, the answer
names the account that was chosen there as `referer`.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

import httpx

from crm_adapters.amocrm import oauth
from crm_adapters.amocrm.settings import account_of
from crm_adapters.http import CrmHttp
from domain.errors import BadInput

_VENDORS = (".amocrm.ru", ".amocrm.com", ".kommo.com")


def page(settings: Mapping[str, str], state: str) -> str:
    """The address where an admin lets the integration in; an account elsewhere asks at its own host."""
    site = account_of(settings["url"])
    host = httpx.URL(site).host
    vendor = next((f"https://www{end}" for end in _VENDORS if host.endswith(end)), site)
    return f"{vendor}/oauth?" + urlencode({"client_id": settings["client_id"], "state": state})


async def settle(
    settings: Mapping[str, str], answer: Mapping[str, str], http: CrmHttp, now: datetime
) -> Mapping[str, str]:
    """The first pair of tokens for the code. Raises BadInput for another account than the one connected."""
    site = account_of(settings["url"])
    chosen = answer.get("referer", "")
    if chosen and chosen.casefold() != httpx.URL(site).netloc.decode("ascii").casefold():
        raise BadInput("url", "other_account")
    keys = {**settings, "refresh_token": "", "auth_code": answer["code"]}
    return await oauth.refresh(site, keys, http, now)
