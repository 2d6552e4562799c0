"""How webhooks get there: a receiver that is down, slow, redirects, is gone; a crash; addresses inside."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.errors import BadInput, NotAllowed, TooLate
from domain.hooks_out import LADDER, Hook, HookState, SendState
from services.hooks_out.sender import DISABLED, LEASE
from storage.hooks_out.hooks_out import TOPIC
from storage.tables import hook_sendings, notices
from tests import programs
from tests.hooks_out.sends import Sends
from tests.waiting import until

PHONES = [f"+7916123{number}" for number in range(4500, 4600)]


async def leads(sends: Sends, count: int) -> None:
    for number in range(count):
        await sends.office.lead(name=f"Lead {number}", phones=[PHONES[number]])


async def delivered(sends: Sends, hook: Hook, count: int) -> bool:
    return (await sends.log.counts(sends.office.owner, hook.id)).get("delivered") == count


async def has_come(sends: Sends) -> bool:
    return bool(sends.receiver.got)


async def told_admins(sends: Sends) -> int:
    async with sends.office.product.db.reading(system=True) as s:
        count = sa.select(sa.func.count()).select_from(notices).where(notices.c.kind == DISABLED)
        found: int = await s.scalar(count)
        return found


async def test_the_ladder_with_fresh_timestamps_and_one_id(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    sends.receiver.always = 500
    await leads(sends, 1)
    assert await sends.work() == 1
    for number, wait in enumerate(LADDER, 1):
        sends.office.clock.advance(wait.total_seconds() * 0.7)
        assert await sends.work() == 0, f"too early before attempt {number + 1}"
        sends.office.clock.advance(wait.total_seconds() * 0.6)
        assert await sends.work() == 1, f"attempt {number + 1} is due"
    got = sends.receiver.got
    assert len(got) == 1 + len(LADDER)
    assert all(one.signed for one in got)
    assert len({one.headers["webhook-id"] for one in got}) == 1
    assert len({one.body for one in got}) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in got]
    assert stamps == sorted(set(stamps))
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.attempts, sending.status) == (SendState.FAILED, len(got), 500)

    sends.receiver.always = 200
    await sends.log.replay(sends.office.owner, sending.id)
    with pytest.raises(TooLate):
        await sends.log.replay(sends.office.owner, sending.id)
    assert await sends.work() == 1
    assert sends.receiver.got[-1].headers["webhook-id"] == got[0].headers["webhook-id"]
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.attempts) == (SendState.DELIVERED, 1)
    assert (await sends.now(hook.id)).failing_since is None


async def test_a_commit_wakes_whoever_sends(sends: Sends) -> None:
    await sends.hook("lead.created")
    began = time.monotonic()
    waiter = asyncio.ensure_future(sends.office.product.signals.wait(TOPIC, 30))
    await leads(sends, 1)
    await waiter
    assert time.monotonic() - began < 15, "not by the sweep"


async def test_a_sender_killed_between_sending_and_writing_it_down(
    sends: Sends, database_url: str, tmp_path: Path
) -> None:
    """Another process has sent the message and is killed while it waits for the answer."""
    receiver, office = sends.receiver, sends.office
    hook = await sends.hook("lead.created", path="/slow")
    receiver.held = asyncio.Event()
    await leads(sends, 1)
    settings = office.product.settings
    environment = {
        "ENV_FILE": "", "BOT_TOKEN": "1:a", "DATABASE_URL": database_url, "ADMIN_IDS": "1000",
        "SECRET_KEY": settings.secret_key, "EGRESS_ALLOW": receiver.place, "CRM_PROVIDER": "none",
    }  # fmt: skip
    with programs.started(["run", "worker"], environment, tmp_path / "said") as process:
        await until(lambda: has_come(sends))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    receiver.held.set()
    office.clock.advance((datetime.now(UTC) - office.clock()).total_seconds())
    assert await sends.work() == 0, "its lease is not over"
    office.clock.advance(LEASE.total_seconds() + 1)
    assert await sends.work() == 1
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.attempts) == (SendState.DELIVERED, 2)


async def test_retry_after_is_obeyed(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    sends.receiver.answers, sends.receiver.more = [429], {"Retry-After": "3600"}
    await leads(sends, 1)
    await sends.work()
    (sending,) = await sends.sendings(hook)
    assert sending.due_at == sends.office.clock() + timedelta(hours=1)
    sends.office.clock.advance(3601)
    assert await sends.work() == 1


async def test_a_redirect_is_a_failure_and_is_not_followed(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    sends.receiver.answers = [302]
    sends.receiver.more = {"Location": f"{sends.receiver.url}/elsewhere"}
    await leads(sends, 1)
    await sends.work()
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.status) == (SendState.PENDING, 302)
    assert [one.path for one in sends.receiver.got] == ["/in"]


async def test_gone_switches_off_at_once_and_all_failed_go_anew(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    await leads(sends, 6)
    sends.receiver.always = 410
    await sends.work()
    off = await sends.now(hook.id)
    assert (off.state, off.why) == (HookState.DISABLED, "gone")
    assert await told_admins(sends) == 1
    seen = len(sends.receiver.got)
    await sends.office.lead(name="Later", phones=[PHONES[50]])
    assert await sends.work() == 0
    counts = await sends.log.counts(sends.office.owner, hook.id)
    assert counts == {"failed": 6}, "what happens while it is off is not kept"
    with pytest.raises(TooLate):
        await sends.log.replay_failed(sends.office.owner, hook.id)
    sends.receiver.always = 200
    await sends.hooks.resume(sends.office.owner, hook.id)
    assert await sends.log.replay_failed(sends.office.owner, hook.id) == 6
    assert await sends.work() == 6
    assert len(sends.receiver.got) == seen + 6
    assert await sends.log.counts(sends.office.owner, hook.id) == {"delivered": 6}


async def test_days_of_failure_switch_off_with_one_notice(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    sends.receiver.always = 503
    for day in range(6):
        await sends.office.lead(name=f"Day {day}", phones=[PHONES[day]])
        await sends.work()
        assert ((await sends.now(hook.id)).state is HookState.ON) == (day < 5)
        sends.office.clock.advance(86_400)
    off = await sends.now(hook.id)
    assert (off.state, off.why, await told_admins(sends)) == (HookState.DISABLED, "failing", 1)
    assert await sends.work() == 0


async def test_a_slow_receiver_slows_nobody_else(sends: Sends) -> None:
    sends.receiver.held = asyncio.Event()
    slow = await sends.hook("lead.created", path="/slow")
    quick = await sends.hook("lead.created", path="/quick")
    await leads(sends, 8)
    stop = asyncio.Event()
    loop = asyncio.ensure_future(sends.sender.loop(stop))
    try:
        await until(lambda: delivered(sends, quick, 8))
        counts = await sends.log.counts(sends.office.owner, slow.id)
        assert counts == {"sending": 4, "pending": 4}
        sends.receiver.held.set()
        await until(lambda: delivered(sends, slow, 8))
    finally:
        sends.receiver.held.set()
        stop.set()
        sends.office.product.signals.wake_all()
        await loop


async def test_no_answer_in_time(sends: Sends) -> None:
    sends.receiver.held = asyncio.Event()
    hook = await sends.hook("lead.created", path="/slow")
    sends.sender._http._time_limit = 0.3
    await leads(sends, 1)
    await sends.work()
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.status, sending.error) == (SendState.PENDING, 0, "timeout")


async def test_nobody_listens(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    await sends.receiver.goes_down()
    await leads(sends, 1)
    await sends.work()
    (sending,) = await sends.sendings(hook)
    assert (sending.state, sending.status, sending.error) == (SendState.PENDING, 0, "connect")
    assert (await sends.now(hook.id)).failing_since == sends.office.clock()


async def test_killed_in_the_middle_it_is_sent_again_with_its_id(sends: Sends) -> None:
    sends.receiver.held = asyncio.Event()
    hook = await sends.hook("lead.created", path="/slow")
    await leads(sends, 1)
    begun = asyncio.ensure_future(sends.sender.work_once())
    await until(lambda: has_come(sends))
    begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begun
    assert [one.state for one in await sends.sendings(hook)] == [SendState.SENDING]
    assert await sends.work() == 0, "somebody else has it for as long as the lease"
    sends.receiver.held.set()
    sends.office.clock.advance(LEASE.total_seconds() + 1)
    assert await sends.work() == 1
    assert len({one.headers["webhook-id"] for one in sends.receiver.got}) == 1
    assert [one.state for one in await sends.sendings(hook)] == [SendState.DELIVERED]


async def test_two_workers_send_each_once_and_not_too_many_at_once(sends: Sends) -> None:
    await sends.hook("lead.created")
    await leads(sends, 12)
    while sum(await asyncio.gather(*(sends.sender.work_once() for _ in range(3)))):
        pass
    ids = [one.headers["webhook-id"] for one in sends.receiver.got]
    assert (len(ids), len(set(ids))) == (12, 12)
    assert sends.receiver.most_at_once <= 4


async def test_paused_waits_and_a_test_goes_out_all_the_same(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    await sends.hooks.pause(sends.office.owner, hook.id)
    await leads(sends, 2)
    assert await sends.work() == 0
    owed = await sends.log.owe_test(sends.office.owner, hook.id)
    tested = await sends.log.send_test(sends.office.owner, owed.id)
    assert (tested.state, tested.status) == (SendState.DELIVERED, 200)
    assert sends.receiver.types() == ["test"]
    await sends.hooks.resume(sends.office.owner, hook.id)
    assert await sends.work() == 2


async def test_addresses_inside_are_not_called(sends: Sends) -> None:
    owner, make = sends.office.owner, sends.hooks.make
    for address, reason in (
        ("http://example.com/in", "https"),
        ("https://example.com:22/", "port"),
        ("https://user:word@example.com/", "userinfo"),
        ("ftp://example.com/", "https"),
        ("https://", "host"),
        ("not an address", "invalid"),
        ("https://example.com/" + "a" * 500, "too_long"),
        ("https://example.com/in#part", "invalid"),
    ):
        with pytest.raises(BadInput) as refused:
            await make(owner, "X", address, ["lead.created"])
        assert (refused.value.field, refused.value.reason) == ("hook_url", reason), address
    inside = (
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/?a=b",
    )
    hooks = [(await make(owner, "X", one, ["lead.created"]))[0] for one in inside]
    await leads(sends, 1)
    await sends.work()
    for hook in hooks:
        (sending,) = await sends.sendings(hook)
        assert (sending.status, sending.error) == (0, "address")


async def test_what_cannot_be_subscribed(sends: Sends) -> None:
    owner, url = sends.office.owner, sends.receiver.url
    for events, reason in (((), "required"), (("lead.eaten",), "invalid"), (("test",), "invalid")):
        with pytest.raises(BadInput) as refused:
            await sends.hooks.make(owner, "X", url, events)
        assert refused.value.reason == reason
    partner = await sends.office.hire("Пётр", "partner", 7)
    with pytest.raises(NotAllowed):
        await sends.hooks.make(partner, "X", url, ["lead.created"])
    for _ in range(10):
        await sends.hook("lead.created")
    with pytest.raises(BadInput, match="too_many"):
        await sends.hook("lead.created")


async def test_the_log_is_kept_for_a_month_and_goes_with_its_hook(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    await leads(sends, 1)
    await sends.work()
    sends.office.clock.advance(29 * 86_400)
    assert await sends.sender.forget_old() == 0
    sends.office.clock.advance(2 * 86_400)
    assert await sends.sender.forget_old() == 1
    await sends.office.lead(name="Other", phones=[PHONES[9]])
    await sends.hooks.remove(sends.office.owner, hook.id)
    async with sends.office.product.db.reading(system=True) as s:
        assert await s.scalar(sa.select(sa.func.count()).select_from(hook_sendings)) == 0
