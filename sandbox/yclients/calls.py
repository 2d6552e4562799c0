"""What each method answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.exchange import Answer
from sandbox.yclients import records, webhooks
from sandbox.yclients.answers import good, not_found, refusal
from sandbox.yclients.shown import Shown
from sandbox.yclients.state import Record, State

DEFAULT_COUNT = 25


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in. `companies` are the branches of the user's token, none without one."""

    state: State
    args: tuple[str, ...]
    params: Mapping[str, str]
    body: Mapping[str, Any]
    companies: frozenset[int]

    @property
    def company(self) -> int:
        """The branch of the path, which the user must manage."""
        number = self.number(0)
        if number not in self.state.companies:
            raise not_found()
        if number not in self.companies:
            raise refusal(403, "Недостаточно прав")
        return number

    def number(self, index: int) -> int:
        if not self.args[index].isdigit():
            raise not_found()
        return int(self.args[index])

    def own(self, table: str, index: int = 1) -> Record:
        """The record of the path, in the branch of the path."""
        found = self.state.table(table).get(self.number(index))
        if found is None or found["company_id"] != self.company:
            raise not_found()
        return found

    def moment(self, name: str) -> datetime | None:
        """changed_after and its like: a wall clock without an offset, of the branch or of UTC."""
        text = self.params.get(name, "")
        if not text:
            return None
        try:
            told = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")
        except ValueError:
            raise refusal(400, "Bad Request", **{name: ["Неверный формат даты"]}) from None
        return told.replace(tzinfo=self.state.zone if self.state.filters_in == "local" else UTC)

    def day(self, name: str, *, ends: bool = False) -> datetime | None:
        text = self.params.get(name, "")
        if not text:
            return None
        try:
            told = date.fromisoformat(text) + timedelta(days=int(ends))
        except ValueError:
            raise refusal(400, "Bad Request", **{name: ["Неверный формат даты"]}) from None
        return datetime.combine(told, time(), self.state.zone)

    def page(self, found: list[Record]) -> list[Record]:
        """Pages by number; more than `count` allows is cut to it without a word."""
        try:
            number, count = int(self.params.get("page", 1)), int(self.params.get("count", DEFAULT_COUNT))
        except ValueError:
            raise refusal(400, "Bad Request") from None
        count = max(1, min(count, self.state.most))
        return found[(max(number, 1) - 1) * count :][:count]

    def within(self, found: list[Record], *, by: str) -> list[Record]:
        """Those of the asked days (of visit or payment) and changed when it was asked for."""
        bounds = (
            ("at", self.day("start_date"), self.day("end_date", ends=True)),
            (by, self.moment("changed_after"), self.moment("changed_before")),
        )
        for name, first, last in bounds:
            found = [one for one in found if (first is None or one[name] >= first)]
            found = [one for one in found if last is None or one[name] < last]
        return found


def auth(call: Call) -> Answer:
    token = call.state.logins.get((str(call.body.get("login")), str(call.body.get("password"))))
    if token is None:
        raise refusal(401, "Неверный логин или пароль")
    return good({"id": 501, "user_token": token, "name": "Владелец", "phone": "79161234567", "login": "owner",
                 "email": "owner@example.com", "avatar": "", "is_approved": True,
                 "is_email_confirmed": True}, 201)  # fmt: skip


def company(call: Call) -> Answer:
    found = call.state.companies.get(call.number(0))
    if found is None:
        raise not_found()
    return good(_branch(call.state, found))


def companies(call: Call) -> Answer:
    mine = call.params.get("my") == "1"
    return good(
        [
            _branch(call.state, one)
            for number, one in call.state.companies.items()
            if not mine or number in call.companies
        ]
    )


def _branch(state: State, found: Record) -> Record:
    if state.shape == "numbers":
        return dict(found)
    offset = state.clock.now().astimezone(state.zone).utcoffset() or timedelta()
    hours = offset.total_seconds() / 3600
    return {**found, "id": str(found["id"]), "timezone": hours, "timezone_name": state.zone.key}


def listed(call: Call) -> Answer:
    found = [one for one in call.state.table("records").values() if one["company_id"] == call.company]
    if call.params.get("with_deleted") not in ("1", "true"):
        found = [one for one in found if not one["deleted"]]
    for name in ("staff_id", "client_id"):
        if call.params.get(name):
            found = [one for one in found if str(one[name]) == call.params[name]]
    found = call.within(found, by="changed")
    shown, money = Shown(call.state), call.params.get("include_finance_transactions") == "1"
    number = int(call.params.get("page", 1) or 1)
    return good([shown.record(one, money=money) for one in call.page(found)], 200, page=number,
                total_count=len(found))  # fmt: skip


def one(call: Call) -> Answer:
    money = call.params.get("include_finance_transactions") == "1"
    return good(Shown(call.state).record(call.own("records"), money=money))


def create(call: Call) -> Answer:
    body = call.body
    missing = [
        name for name in ("staff_id", "services", "client", "datetime", "seance_length") if name not in body
    ]
    if missing:
        raise refusal(422, "Unprocessable Entity", **{name: ["Обязательное поле"] for name in missing})
    services = [(int(line["id"]), float(line.get("cost") or 0)) for line in body["services"]]
    made = records.book(
        call.state, datetime.fromisoformat(body["datetime"]), call.company, services=services,
        staff=body["staff_id"], name=body["client"].get("name"), phone=_plus(body["client"].get("phone", "")),
        comment=body.get("comment", ""), api_id=body.get("api_id", ""), attendance=body.get("attendance", 0),
    )  # fmt: skip
    return good(Shown(call.state).record(made), 201)


def _plus(phone: str) -> str:
    return phone if phone.startswith("+") or not phone else f"+{phone}"


def delete(call: Call) -> Answer:
    records.change(call.state, call.own("records")["id"], deleted=True)
    return Answer(status=204, raw=b"")


def transactions(call: Call) -> Answer:
    """The meta of this list is empty: nobody is told how many there are."""
    found = [one for one in call.state.table("transactions").values() if one["company_id"] == call.company]
    wanted = call.params.get("deleted") == "1"
    found = call.within([one for one in found if one["deleted"] == wanted], by="changed")
    return good([Shown(call.state).money(one) for one in call.page(found)])


def of_visit(call: Call) -> Answer:
    """GET /timetable/transactions/{company}: by record_id or visit_id."""
    names = [name for name in ("record_id", "visit_id") if call.params.get(name)]
    own = [one for one in call.state.table("transactions").values() if one["company_id"] == call.company]
    found = [one for one in own if all(str(one[name]) == call.params[name] for name in names)]
    return good([Shown(call.state).money(one) for one in found if not one["deleted"]])


def money(call: Call) -> Answer:
    """GET /finance_transactions/{company}/{id}."""
    return good(Shown(call.state).money(call.own("transactions")))


def client(call: Call) -> Answer:
    return good(Shown(call.state).card(call.own("clients")))


def search(call: Call) -> Answer:
    wanted = [str(one.get("state", {}).get("value", "")) for one in call.body.get("filters", ())
              if one.get("type") == "quick_search"]  # fmt: skip
    own = [one for one in call.state.table("clients").values() if one["company_id"] == call.company]
    found = [one for one in own if all(part in one["phone"] or part in one["name"] for part in wanted)]
    size = min(int(call.body.get("page_size", 25)), 200)
    part = found[(int(call.body.get("page", 1)) - 1) * size :][:size]
    names = call.body.get("fields") or ["id"]
    shown = [Shown(call.state).card(one) for one in part]
    return good([{name: one.get(name) for name in names} for one in shown], 200, total_count=len(found))


def add_client(call: Call) -> Answer:
    if not call.body.get("name") or not call.body.get("phone"):
        raise refusal(422, "Unprocessable Entity", phone=["Обязательное поле"])
    made = records.client(call.state, str(call.body["name"]), _plus(str(call.body["phone"])), call.company)
    return good(Shown(call.state).card(made), 201)


def hooks(call: Call) -> Answer:
    return good(webhooks.settings(call.state, call.company))


def set_hooks(call: Call) -> Answer:
    return good(webhooks.change(call.state, call.company, call.body), 201)


Handler = Callable[[Call], Answer]
