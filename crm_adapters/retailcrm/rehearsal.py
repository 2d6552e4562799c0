"""What RetailCRM would answer to a request that a trial run does not send."""

from typing import Any

from crm_adapters.http import Call
from domain.trials import NEW


def pretend(call: Call) -> Any:
    """A new record of whatever kind; an order has a customer, as all of them do."""
    order = {"id": NEW, "number": str(NEW), "customer": {"id": NEW}}
    return {"success": True, "id": NEW, "order": order}
