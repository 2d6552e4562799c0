"""What Twenty would answer to a request that a trial run does not send."""

from typing import Any

from crm_adapters.http import Call
from domain.trials import NEW


def pretend(call: Call) -> Any:
    """A record with what was sent: the one that stands in the address, or a new one for each that is made."""
    named = call.url.rpartition("/")[2]
    if isinstance(call.body, list):
        return {"data": {"created": [{**one, "id": str(NEW)} for one in call.body]}}
    sent = call.body if isinstance(call.body, dict) else {}
    return {"data": {"written": {**sent, "id": str(NEW) if call.method == "POST" else named}}}
