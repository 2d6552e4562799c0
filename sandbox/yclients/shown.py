"""Visits, money and clients as answers show them."""

from collections.abc import Mapping
from typing import Any

from sandbox.yclients.seed import STAFF
from sandbox.yclients.state import Record, State

NO_CLIENT: Mapping[str, Any] = {"null": None, "object": {}, "list": []}


class Shown:
    """Records in the manner of the account: numbers, or what older parts of it answer."""

    def __init__(self, state: State) -> None:
        self._state, self._text = state, state.shape == "strings"
        self._hidden = state.faults.is_on("phones_hidden")

    def record(self, record: Record, *, money: bool = False) -> Record:
        number, flag = self._number, self._flag
        at = record["at"].astimezone(self._state.zone)
        found = {
            "id": record["id"], "company_id": record["company_id"], "staff_id": record["staff_id"],
            "services": [{**line, "cost": self._sum(line["cost"])} for line in record["services"]],
            "goods_transactions": [dict(line) for line in record["goods"]],
            "staff": {"id": record["staff_id"], "name": STAFF.get(record["staff_id"], ""), "api_id": None},
            "client": self.person(record), "comer": None, "clients_count": 1,
            "date": at.strftime("%Y-%m-%d %H:%M:%S"), "datetime": self._state.told(record["at"]),
            "create_date": at.strftime("%Y-%m-%dT%H:%M:%S%z"), "comment": record["comment"], "online": False,
            "last_change_date": self._state.told(record["changed"]), "seance_length": record["length"],
            "visit_attendance": record["attendance"], "attendance": number(record["attendance"]),
            "confirmed": 1, "length": record["length"], "visit_id": str(record["visit_id"]),
            "created_user_id": 501, "deleted": flag(record["deleted"]),
            "paid_full": number(record["paid_full"]), "payment_status": 0, "prepaid": False,
            "activity_id": record["activity_id"],
            "custom_fields": [] if self._text else {}, "api_id": record["api_id"], "documents": [],
            "consumables": [], "record_labels": [], "finance_transactions": [],
        }  # fmt: skip
        if money:
            own = [
                one for one in self._state.table("transactions").values() if one["record_id"] == record["id"]
            ]
            found["finance_transactions"] = [self.money(one) for one in own if not one["deleted"]]
        return found

    def person(self, record: Record) -> Any:
        card = self._state.table("clients").get(record["client_id"] or 0)
        if card is None:
            return NO_CLIENT[record["no_client"]]
        return {"id": self._number(card["id"]), "name": card["name"], "surname": card["surname"],
                "patronymic": card["patronymic"], "display_name": card["name"], "phone": self._phone(card),
                "card": card["card"], "email": card["email"], "discount": 0, "is_new": False,
                "success_visits_count": 3, "fail_visits_count": 0, "custom_fields": []}  # fmt: skip

    def card(self, card: Record) -> Record:
        return {"id": card["id"], "name": card["name"], "surname": "", "patronymic": "",
                "email": card["email"], "phone": self._phone(card), "card": card["card"], "discount": 0,
                "spent": 0, "paid": 0, "balance": 0, "visits": 0, "categories": [], "custom_fields": {},
                "last_change_date": self._state.told(card["last_change"])}  # fmt: skip

    def money(self, made: Record) -> Record:
        card = self._state.table("clients").get(made["client_id"] or 0)
        number, title = made["expense"]
        person = {"id": str(card["id"]), "name": card["name"], "phone": self._phone(card)} if card else []
        return {
            "id": str(made["id"]) if self._text else made["id"], "document_id": made["document_id"],
            "expense": {"id": str(number), "title": title}, "date": self._state.told(made["at"]),
            "amount": f"{made['amount']:.2f}" if self._text else made["amount"], "comment": made["comment"],
            "master": [], "supplier": [], "account": {"id": "77", "title": made["account"]}, "client": person,
            "last_change_date": self._state.told(made["changed"]), "record_id": made["record_id"],
            "visit_id": made["visit_id"], "sold_item_id": made["item"],
            "sold_item_type": made["sold"] or None, "deleted": made["deleted"],
        }  # fmt: skip

    def _phone(self, card: Record) -> str:
        return "" if self._hidden else str(card["phone"])

    def _number(self, value: int) -> Any:
        return str(value) if self._text else value

    def _flag(self, value: bool) -> Any:
        return int(value) if self._text else value

    def _sum(self, value: float) -> Any:
        return f"{value:.2f}" if self._text else value
