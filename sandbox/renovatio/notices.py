"""Notifications: a form with bracket keys, or JSON; unsigned, sent once."""

from collections import deque

import aiohttp

from sandbox import courier
from sandbox.renovatio.state import Outgoing, Record, State

TOLD = ("id", "time_start", "time_end", "clinic_id", "clinic", "doctor_id", "doctor", "patient_id",
        "date_created", "date_updated", "status", "status_id", "moved_from", "moved_to")  # fmt: skip


class Courier(courier.Courier[State]):
    """Sends what those who listen are told."""

    def queue(self) -> deque[Outgoing]:
        return self._state.outgoing

    async def send(self, session: aiohttp.ClientSession, item: Outgoing) -> None:
        data = self._data(item.data)
        if item.hook.as_json:
            body = {"event": item.hook.event, "date": self._state.local(), "data": data}
            status = await self.status_of(session, "POST", item.hook.url, json=body)
        else:
            form = {"event": item.hook.event, "date": self._state.local()}
            form |= {f"data[{name}]": str(value) for name, value in data.items()}
            status = await self.status_of(session, "POST", item.hook.url, data=form)
        self._state.deliveries.append((item.hook.url, status))

    def _data(self, visit: Record) -> Record:
        patient = self._state.table("patients").get(visit["patient_id"], {})
        names = (patient.get(name) for name in ("last_name", "first_name", "third_name"))
        return {
            **{name: visit[name] for name in TOLD},
            "patient_name": " ".join(filter(None, names)),
            "patient_birth_date": patient.get("birth_date", ""),
            "patient_gender": patient.get("gender", ""),
            "patient_phone": patient.get("mobile", ""),
            "is_outside": int(visit["is_outside"]),
            "is_telemedicine": int(visit["is_telemedicine"]),
        }
