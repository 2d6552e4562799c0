"""Twenty in the words of the contract suite, and with its admin at hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from sandbox.twenty.limits import no_limits
from sandbox.twenty.server import TwentySandbox
from sandbox.twenty.state import Ways
from tests.crm_adapters.served import Served

WRITES = "opportunities,batch/opportunities,noteTargets,taskTargets"


def adapter(
    crm: TwentySandbox, http: CrmHttp, overrides: Mapping[str, Any] | None = None, paces: Paces | None = None
) -> Any:
    given = {"url": crm.url, "api_key": crm.api_key}
    return build_adapter("twenty", given, overrides or {}, http, crm.clock.now, None, paces)


def client_of(crm: TwentySandbox) -> CrmHttp:
    return CrmHttp(now=crm.clock.now, allow=[crm.url.removeprefix("http://")])


@dataclass
class Pair:
    """A workspace without a limit on requests, a client and an adapter."""

    crm: TwentySandbox
    http: CrmHttp
    twenty: Any

    def only(self, plural: str) -> dict[str, Any]:
        """The only record there is."""
        (record,) = self.crm.records(plural)
        return record


@asynccontextmanager
async def paired(**how: Any) -> AsyncIterator[Pair]:
    async with TwentySandbox(**{"limits": no_limits(), **how}) as crm, client_of(crm) as http:
        yield Pair(crm, http, adapter(crm, http))


class TwentyStandIn(Served):
    """A workspace, prepared by its admin."""

    refused: Mapping[str, Any] = {"phones": ("+7916",)}
    spoils: Mapping[str, Any] = {"path": WRITES}

    def __init__(self, ways: Ways | None = None) -> None:
        # The contract suite asks more than a hundred times a minute; the limit has tests of its own.
        self.crm = TwentySandbox(limits=no_limits(), ways=ways)

    def leads(self) -> list[Mapping[str, Any]]:
        return [self._lead(one) for one in self.crm.records("opportunities")]

    def _lead(self, one: Mapping[str, Any]) -> Mapping[str, Any]:
        person = self.crm.state.find("people", str(one["pointOfContactId"])) or {}
        company = self.crm.state.find("companies", str(one["companyId"])) or {}
        name, emails = person.get("name") or {}, person.get("emails") or {}
        micros = one["amount"]["amountMicros"]
        return {
            "id": one["id"],
            "our_id": one.get("voronkaId"),
            "name": " ".join(filter(None, (name.get("firstName"), name.get("lastName")))),
            "company": company.get("name"),
            "status": one["stage"],
            "amount": None if micros is None else micros / 1_000_000,
            "currency": one["amount"]["currencyCode"],
            "phones": self._phones(person.get("phones") or {}),
            "emails": [e for e in (emails.get("primaryEmail"), *(emails.get("additionalEmails") or ())) if e],
            "note": one.get("voronkaNote"),
        }

    def _phones(self, phones: Mapping[str, Any]) -> list[str]:
        first = f"{phones.get('primaryPhoneCallingCode')}{phones.get('primaryPhoneNumber')}"
        more = [f"{one['callingCode']}{one['number']}" for one in phones.get("additionalPhones") or ()]
        return [first, *more] if phones.get("primaryPhoneNumber") else more

    def activities(self, type: str) -> list[Mapping[str, Any]]:
        record = "task" if type == "task" else "note"
        column = "targetOpportunityId" if self.crm.state.ways.prefix else "opportunityId"
        links = {one[f"{record}Id"]: one[column] for one in self.crm.records(f"{record}Targets")}
        return [
            {
                "id": one["id"],
                "lead": links.get(one["id"]),
                "due": one.get("dueAt"),
                "done": one.get("status") == "DONE",
            }
            for one in self.crm.records(f"{record}s")
        ]

    def show_a_page(self) -> None:
        self.crm.fail("html_200", path="opportunities")

    def hide_our_id(self) -> None:
        raise NotImplementedError("the opportunity's own id is made of ours")

    def set_status(self, lead_id: str, status: str) -> None:
        self.crm.change("opportunities", lead_id, stage=status)

    def rename(self, lead_id: str, name: str) -> None:
        first, _, last = name.partition(" ")
        person = self.crm.state.tables["opportunities"][lead_id]["pointOfContactId"]
        self.crm.change("people", person, name={"firstName": first, "lastName": last})

    def create_lead(self, name: str) -> str:
        person = self.crm.create("people", name={"firstName": "", "lastName": name})
        return str(self.crm.create("opportunities", name=name, pointOfContactId=person["id"])["id"])

    def delete_lead(self, lead_id: str) -> None:
        self.crm.delete("opportunities", lead_id)

    def registrations(self) -> list[tuple[str, str]]:
        return [(",".join(one.operations), one.url) for one in self.crm.state.webhooks.values()]
