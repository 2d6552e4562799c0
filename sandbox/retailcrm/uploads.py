"""Uploads of many records: each succeeds or fails alone; any failure makes the answer a 460."""

from collections.abc import Callable

from sandbox.exchange import Answer, Refusal
from sandbox.retailcrm.answers import good
from sandbox.retailcrm.state import Record


def carry_out(title: str, given: list[Record], create: Callable[[Record], Record]) -> Answer:
    """`title` is Orders or Customers, as it stands in the names of the answer."""
    done, failed, errors = [], [], []
    for item in given:
        mark = {"externalId": item["externalId"]} if item.get("externalId") else {}
        try:
            done.append({"id": create(dict(item))["id"], **mark})
        except Refusal as refused:
            failed.append(mark)
            errors.append(str(refused.answer.body.get("errors")))
    lists = {f"uploaded{title}": done, f"failed{title}": failed}
    if not failed:
        return good(201, **lists)
    told = {"success": False, "errorMsg": f"{title} are loaded with errors", "errors": errors}
    return Answer({**told, **lists}, 460)
