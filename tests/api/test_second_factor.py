"""The second factor over the API: what asks for it, how long a code opens, what wrong ones cost."""

import base64
import inspect
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import BadInput, NotAllowed, SecondFactorNeeded, TooLate
from domain.members import Member, Role
from domain.one_time_codes import GOOD_FOR, code_of, step_at
from services.entry.confirming import CONFIRMED
from storage.tables import second_factors
from tests.api.office import Office
from tests.service_classes import service_classes

Codes = Callable[[], str]


async def turn_on(office: Office, member: Member) -> Codes:
    """Turn it on; what comes back gives a fresh code, moving the clock by a step."""
    factor = office.product.services.second_factor
    secret = base64.b32decode((await factor.begin(member)).secret)

    def code() -> str:
        office.clock.advance(30)
        return code_of(secret, step_at(office.clock()))

    await factor.finish(member, code())
    office.clock.advance(GOOD_FOR.total_seconds())
    return code


async def test_a_dangerous_step_wants_a_code_and_then_goes_on_for_ten_minutes(office: Office) -> None:
    anna = await office.hire("Анна", "manager", 2001)
    code = await turn_on(office, office.owner)
    path = f"/api/members/{anna.id}"
    asked = await office.http.patch(path, json={"role": "admin"})
    assert (asked.status_code, asked.json()["code"]) == (403, "second_factor_required")
    # what can be taken back is not asked about
    assert (await office.http.patch(path, json={"role": "partner"})).status_code == 200

    wrong = await office.http.patch(path, json={"role": "admin"}, headers={"Second-Factor": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "second_factor_wrong")
    shown = {"Second-Factor": code()}
    assert (await office.http.patch(path, json={"role": "admin"}, headers=shown)).status_code == 200
    assert (await office.http.patch(path, json={"role": "manager"})).status_code == 200
    # the same code opens nothing a second time, not even by another key of the member's
    other = office.speaks(await _key(office, code))
    again = await other.patch(path, json={"role": "admin"}, headers=shown)
    assert again.json()["code"] == "second_factor_wrong"
    office.clock.advance(GOOD_FOR.total_seconds())
    assert (await office.http.patch(path, json={"role": "admin"})).json()["code"] == "second_factor_required"


async def _key(office: Office, code: Codes) -> str:
    """Another key of the owner's, made in the chat with a code."""
    assert (await office.product.services.second_factor.check(office.owner, code())).right
    return await office.key(office.owner)


async def test_wrong_codes_wait_and_the_right_one_waits_too(office: Office) -> None:
    code = await turn_on(office, office.owner)
    path, body = f"/api/members/{office.owner.id}", {"role": "admin"}
    codes = []
    for _ in range(5):
        refused = await office.http.patch(path, json=body, headers={"Second-Factor": "000000"})
        codes.append(refused.json()["code"])
    assert codes == ["second_factor_wrong"] * 3 + ["too_many_requests"] * 2
    assert (refused.status_code, refused.json()["limit"]) == (429, "second_factor")
    wait = int(refused.headers["Retry-After"])
    assert wait == 30
    right = {"Second-Factor": code()}  # the clock moves by these 30 seconds
    office.clock.advance(-1)
    assert (await office.http.patch(path, json=body, headers=right)).status_code == 429
    office.clock.advance(1)
    wrong = await office.http.patch(path, json=body, headers={"Second-Factor": "000000"})
    assert (wrong.status_code, int(wrong.headers["Retry-After"])) == (429, 60)
    office.clock.advance(60)
    # the last owner stays one: the code was right
    passed = await office.http.patch(path, json=body, headers={"Second-Factor": code()})
    assert (passed.status_code, passed.json()["code"]) == (422, "bad_input")


async def test_what_is_kept_opens_nothing(office: Office) -> None:
    factor = office.product.services.second_factor
    made = await factor.begin(office.owner)
    with pytest.raises(BadInput, match="wrong"):
        await factor.finish(office.owner, "000000")
    secret = base64.b32decode(made.secret)
    recovery = await factor.finish(office.owner, code_of(secret, step_at(office.clock())))
    async with office.product.db.reading(system=True) as s:
        kept = str((await s.rows(sa.select(second_factors)))[0])
    assert made.secret not in kept
    assert not [code for code in recovery if code in kept or code.replace("-", "") in kept]
    with pytest.raises(TooLate, match="factor_on"):
        await factor.begin(office.owner)
    assert (await factor.check(office.owner, recovery[0])).right
    assert (await factor.state(office.owner)).recovery == len(recovery) - 1


async def test_an_owner_resets_somebody_elses(office: Office) -> None:
    factor = office.product.services.second_factor
    admin, other = await office.hire("Анна", "admin", 2001), await office.hire("Борис", "manager", 2002)
    await turn_on(office, other)
    with pytest.raises(NotAllowed):
        await factor.reset(admin, other.id)
    with pytest.raises(BadInput, match="yourself"):
        await factor.reset(office.owner, office.owner.id)
    await factor.reset(office.owner, other.id)
    assert not await factor.is_on(office.owner, other.id)


DANGEROUS = {
    "ApiKeys.make", "ConnectionChanges.activate", "ConnectionChanges.change", "ConnectionChanges.remove",
    "CrmLogins.begin", "CrmSwitch.activate", "CrmSwitch.finish", "CrmSwitch.start", "HookSecrets.issue",
    "HooksOut.make", "HooksOut.remove", "HooksOut.rotate", "Integrations.connect", "Integrations.disconnect",
    "PersonalData.erase",
    "Rights.reset_member", "Rights.reset_role", "Rights.turn_member", "Rights.turn_role",
    "SecondFactor.renew_recovery", "SecondFactor.reset", "SecondFactor.turn_off", "Standing.remove",
}  # fmt: skip


async def test_every_step_that_cannot_be_taken_back_asks(office: Office) -> None:
    found = {
        f"{kind.__name__}.{name}": (field, method)
        for field, kind in service_classes().items()
        for name, method in vars(kind).items()
        if hasattr(method, CONFIRMED) or hasattr(getattr(method, "__wrapped__", None), CONFIRMED)
    }
    assert set(found) >= DANGEROUS
    await turn_on(office, office.owner)
    for name, (field, method) in found.items():
        given: list[Any] = [None] * (len(inspect.signature(method).parameters) - 2)
        given = given[: sum(p.default is p.empty and p.kind is not p.KEYWORD_ONLY for p in _rest(method))]
        with pytest.raises(SecondFactorNeeded):
            await getattr(getattr(office.product.services, field), name.split(".")[1])(office.owner, *given)
    with pytest.raises(SecondFactorNeeded):
        await office.product.services.standing.set_role(office.owner, office.owner.id, Role.ADMIN)


def _rest(method: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[2:]


async def test_deleting_many_leads_asks_too(office: Office) -> None:
    lead = await office.lead()
    await turn_on(office, office.owner)
    delete = {"action": "delete", "lead_ids": [lead["id"]]}
    refused = await office.http.post("/api/leads/bulk", json=delete)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    tag = {"action": "tag", "value": "vip", "lead_ids": [lead["id"]]}
    assert (await office.http.post("/api/leads/bulk", json=tag)).status_code < 300
