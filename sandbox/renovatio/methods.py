"""What the API's methods do. Rows of visits are richer in v2; an object and a list of one are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.exchange import Answer
from sandbox.renovatio.answers import good, refusal
from sandbox.renovatio.state import Record, State

DAY, MOMENT = "%d.%m.%Y", "%d.%m.%Y %H:%M"
LONGEST = timedelta(days=31)
MINUTES = 30
PERSON = ("last_name", "first_name", "third_name", "birth_date", "gender", "email")
OF_PATIENT = ("patient_id", "number", *PERSON[:3], "birth_date", "age", "gender", "mobile", "phone", "email")


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in: the fields of its form."""

    state: State
    form: Mapping[str, str]

    def day(self, name: str) -> datetime | None:
        text = self.form.get(name, "")
        try:
            return datetime.strptime(text, DAY) if text else None
        except ValueError:
            raise refusal(500, f"Неверный формат даты {name}") from None

    def need(self, *names: str) -> None:
        for name in names:
            if not self.form.get(name):
                raise refusal(500, f"Не передан параметр {name}")


def clinics(call: Call) -> Answer:
    return good(call.state.clinics)


def users(call: Call) -> Answer:
    return good(call.state.users)


def appointments(call: Call, *, rich: bool = False) -> Answer:
    """By id, or by days of the visit or of its making; a span is a month at most."""
    found = list(call.state.table("appointments").values())
    wanted = call.form.get("id") or call.form.get("appointment_id")
    if wanted:
        found = [one for one in found if str(one["id"]) == wanted]
    elif not call.state.faults.is_on("back_in_time"):
        found = _of_days(call, found, "time_start", "date_from", "date_to")
        found = _of_days(call, found, "date_created", "date_created_from", "date_created_to")
    for name in ("clinic_id", "patient_id", "doctor_id"):
        if call.form.get(name):
            found = [one for one in found if str(one[name]) == call.form[name]]
    if call.form.get("status_id"):
        found = [one for one in found if str(one["status_id"]) in call.form["status_id"].split(",")]
    return good([_shown(call, one, rich=rich) for one in found])


def _of_days(call: Call, rows: list[Record], field: str, first: str, last: str) -> list[Record]:
    start, end = call.day(first), call.day(last)
    if start is not None and end is not None and end - start > LONGEST:
        raise refusal(500, "Слишком большой период")
    days = [(row, datetime.strptime(row[field][:10], DAY)) for row in rows]
    return [row for row, day in days if (start is None or day >= start) and (end is None or day <= end)]


def _shown(call: Call, visit: Record, *, rich: bool) -> Record:
    patient = call.state.table("patients").get(visit["patient_id"], {})
    row = {name: value for name, value in visit.items() if rich or name != "doctor_comment"}
    if call.form.get("show_patient_data") == "1":
        name = " ".join(filter(None, (patient.get(part) for part in PERSON[:3])))
        row |= {"patient_name": name, "patient_birth_date": patient.get("birth_date", ""),
                "patient_gender": patient.get("gender", ""), "patient_phone": patient.get("mobile", ""),
                "patient_email": patient.get("email", "")}  # fmt: skip
    gone = call.state.hidden.get("appointments", set())
    return {name: value for name, value in row.items() if name not in gone}


def patients(call: Call) -> Answer:
    """One hit is an object, several are a list, none is an error."""
    form, found = call.form, list(call.state.table("patients").values())
    if form.get("id"):
        found = [one for one in found if str(one["patient_id"]) == form["id"]]
    elif form.get("mobile"):
        found = [one for one in found if one["mobile"] == form["mobile"]]
    elif form.get("last_name"):
        call.need("first_name", "birth_date")
        names = ("last_name", "first_name", "birth_date")
        found = [one for one in found if all(one[name] == form[name] for name in names)]
    else:
        found = _of_days(call, found, "date_updated", "date_updated_from", "date_updated_to")
        found = _of_days(call, found, "date_created", "date_created_from", "date_created_to")
    if not found:
        raise refusal(404, "Пациент не найден")
    return good(found[0] if len(found) == 1 else found)


def create_patient(call: Call) -> Answer:
    call.need("last_name", "first_name", "mobile")
    same = ("last_name", "first_name", "mobile")
    for one in call.state.table("patients").values():
        if all(one[name] == call.form[name] for name in same):
            raise refusal(500, "Такой пациент уже существует")
    made = add_patient(call.state, **{name: call.form.get(name, "") for name in (*PERSON, "mobile")})
    return good({name: made[name] for name in OF_PATIENT})


def add_patient(state: State, **values: str) -> Record:
    """A new patient; most of what is told of him is text."""
    number, today = state.new_id("patients"), state.local()[:10]
    row: Record = {
        "patient_id": number, "number": number, "age": "", "phone": "", "mobile": "", "external_id": "",
        "send_sms": "1", "date_created": today, "date_updated": today, "is_deleted": 0,
    }  # fmt: skip
    state.table("patients")[number] = row | dict.fromkeys(PERSON, "") | values
    return state.table("patients")[number]


def create_appointment(call: Call) -> Answer:
    call.need("doctor_id", "clinic_id", "time_start", "time_end")
    start, end = (_moment(call.form[name]) for name in ("time_start", "time_end"))
    for one in call.state.table("appointments").values():
        same = str(one["doctor_id"]) == call.form["doctor_id"] and one["status"] != "refused"
        if same and _moment(one["time_start"]) < end and start < _moment(one["time_end"]):
            raise refusal(500, "Визит пересекается с другими визитами врача")
    patient = call.form.get("patient_id")
    if not patient:
        call.need("last_name", "first_name", "mobile")
        patient = str(
            add_patient(call.state, **{n: call.form.get(n, "") for n in (*PERSON, "mobile")})["patient_id"]
        )
    elif not patient.isdigit() or int(patient) not in call.state.table("patients"):
        raise refusal(500, "Пациент не найден")
    given = {"time_start": call.form["time_start"], "time_end": call.form["time_end"],
             "source": call.form.get("source", ""), "patient_id": int(patient),
             "doctor_id": int(call.form["doctor_id"]), "clinic_id": int(call.form["clinic_id"])}  # fmt: skip
    return good(add_visit(call.state, given)["id"])


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, MOMENT)
    except ValueError:
        raise refusal(500, "Неверный формат времени") from None


def add_visit(state: State, values: Record) -> Record:
    """A new visit, booked unless told otherwise."""
    now = state.local()
    end = (datetime.strptime(values.get("time_start", now), MOMENT) + timedelta(minutes=MINUTES)).strftime(
        MOMENT
    )
    row: Record = {
        "id": state.new_id("appointments"), "time_start": now, "time_end": end, "clinic_id": 3,
        "clinic": "Клиника на Мира", "doctor_id": 21, "doctor": "Иванова А. А.", "patient_id": 0,
        "date_created": now, "date_updated": now, "status": "upcoming", "status_id": 1, "confirm_status": 0,
        "source": "", "type": "", "room": "", "moved_to": 0, "moved_from": 0, "is_telemedicine": False,
        "is_outside": False, "is_first": 1, "services": [], "sum_value": "0",
    }  # fmt: skip
    state.table("appointments")[row["id"]] = row | values
    state.fire("created", row | values)
    return state.table("appointments")[row["id"]]


def change_visit(state: State, number: int, values: Record) -> Record:
    """KeyError when there is none."""
    row = state.table("appointments")[number]
    row |= {"date_updated": state.local(), **values}
    state.fire("cancelled" if row["status"] == "refused" else "changed", row)
    return row


def _visit(call: Call) -> int:
    call.need("appointment_id")
    number = call.form["appointment_id"]
    if not number.isdigit() or int(number) not in call.state.table("appointments"):
        raise refusal(500, "Визит не найден")
    return int(number)


def cancel(call: Call) -> Answer:
    moved = {"moved_to": int(call.form["moved_to"])} if call.form.get("moved_to") else {}
    change_visit(call.state, _visit(call), {"status": "refused", "status_id": 5, **moved})
    return good(True)


def confirm(call: Call) -> Answer:
    change_visit(call.state, _visit(call), {"confirm_status": 1})
    return good(True)


def schedule(call: Call) -> Answer:
    """Half hours of a day, by doctor."""
    day = datetime.strptime((call.form.get("time_start") or call.state.local())[:10], DAY)
    taken = {
        one["time_start"] for one in call.state.table("appointments").values() if one["status"] != "refused"
    }
    slots = []
    for at in range(9 * 60, 12 * 60, MINUTES):
        start = (day + timedelta(minutes=at)).strftime(MOMENT)
        end = (day + timedelta(minutes=at + MINUTES)).strftime(MOMENT)
        if start in taken and call.form.get("show_busy") != "1":
            continue
        slots.append({"clinic_id": 3, "user_id": 21, "user": "Иванова А. А.", "date": start[:10],
                      "time_start": start, "time_end": end, "time_start_short": start[11:],
                      "time_end_short": end[11:], "is_busy": start in taken, "is_past": False})  # fmt: skip
    return good({"21": slots})


def invoices(call: Call) -> Answer:
    found = _of_days(call, list(call.state.table("invoices").values()), "date", "date_from", "date_to")
    for name in ("patient_id", "status"):
        if call.form.get(name):
            found = [one for one in found if str(one[name]) == call.form[name]]
    return good([{name: value for name, value in one.items() if name != "services"} for one in found])


def invoice_services(call: Call) -> Answer:
    call.need("invoice_id")
    found = call.state.table("invoices").get(int(call.form["invoice_id"]), {})
    return good(found.get("services", []))


METHODS: Mapping[str, Callable[[Call], Answer]] = {
    "getClinics": clinics,
    "getUsers": users,
    "getAppointments": appointments,
    "v2/getAppointments": lambda call: appointments(call, rich=True),
    "createAppointment": create_appointment,
    "confirmAppointment": confirm,
    "cancelAppointment": cancel,
    "getPatient": patients,
    "createPatient": create_patient,
    "getSchedule": schedule,
    "getInvoices": invoices,
    "v2/getInvoices": invoices,
    "v2/getInvoiceServices": invoice_services,
}
