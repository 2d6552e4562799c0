"""`python -m bot crm test|preview|push|switch|diff`: the CRM from the command line, in plain sentences.

Works beside a running product: whatever is carried out is claimed by the same leases. The exit code is 0
when all is well, 1 when something needs a person, 2 when the command itself cannot be carried out.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

from bot.crm.diff import diff
from bot.crm.moves import switch
from bot.crm.session import CrmSession, open_session, say
from bot.crm.words import delivery_in_words, limits_in_words, trial_in_words
from bot.settings import Settings, SettingsError, load_settings
from domain.crm import ConnectionReport
from domain.errors import VoronkaError
from handlers.crm.trial_cards import about_of, sample_lead
from handlers.crm.words import problem_in_words
from handlers.errors import in_words
from locales import N_, _, use_language
from services.delivery.push import CrmPush

NO_CRM = N_("No CRM is connected: connect one in the chat with /crm, or with CRM_PROVIDER.")

Command = Callable[[CrmSession, argparse.Namespace], Awaitable[int]]


def run(options: argparse.Namespace) -> int:
    """Carry a command out. Raises SettingsError."""
    settings = load_settings(needed=("SECRET_KEY",))
    return asyncio.run(_run(settings, options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    commands: Mapping[str, Command] = {
        "test": test, "preview": preview, "push": push, "switch": switch, "diff": diff,
    }  # fmt: skip
    with use_language(settings.default_language):
        try:
            async with open_session(settings, options.organization) as session:
                return await commands[options.what](session, options)
        except SettingsError:
            raise
        except VoronkaError as error:
            sys.stderr.write(f"{in_words(error)}\n")
            return 1


async def test(session: CrmSession, _options: argparse.Namespace) -> int:
    """A verdict in words."""
    services, member = session.product.services, session.member
    view = await services.integrations.current(member)
    if view is None:
        say(_(NO_CRM))
        return 1
    try:
        report: ConnectionReport = await services.integrations.retest(member)
    except VoronkaError as error:
        say(_("{title}: no connection.").format(title=view.title), in_words(error))
        return 1
    verdict = _("{title} is connected.") if report.usable else _("{title} answers, but is not usable yet.")
    say(verdict.format(title=view.title))
    known = {"account": report.account or "—", "version": report.version or "—"}
    say(_("Account: {account}, version {version}").format(**known))
    for problem in report.problems:
        say(f"{'!' if problem.fatal else '-'} {problem_in_words(problem)}")
    say(*limits_in_words(await services.crm_preview.limits(member)))
    return 0 if report.usable else 1


async def preview(session: CrmSession, options: argparse.Namespace) -> int:
    """The requests that a lead would make."""
    services, member = session.product.services, session.member
    if await services.integrations.current(member) is None:
        say(_(NO_CRM))
        return 1
    if options.lead is None:
        found = await services.crm_preview.sample(member, sample_lead())
    else:
        found = await services.crm_preview.lead(member, options.lead)
    if options.json:
        say(json.dumps(found.trial.as_json(), ensure_ascii=False, indent=2))
        return 0
    say(_("What would go to {title}").format(title=found.crm))
    say(about_of(found))
    say(*trial_in_words(found.trial))
    return 0


async def push(session: CrmSession, options: argparse.Namespace) -> int:
    """Deliver what is owed, and say what became of it."""
    product, member = session.product, session.member
    services = product.services
    pushing = CrmPush(product.db, services.outbox.clock, product.signals, services.outbox)
    if await services.integrations.current(member) is None:
        say(_(NO_CRM))
        return 1
    if options.lead is not None:
        lead_id = await pushing.lead(member, options.lead)
        await work(session)
        async with product.db.reading(member.organization_id) as reading:
            state = await services.outbox.state_for_lead(reading, lead_id)
        say(f"{_('Lead #{number}:').format(number=options.lead)} {delivery_in_words(state)}")
        return 0 if state.delivered_at else 1
    before = await pushing.everything(member)
    await work(session)
    after = await pushing.owing(member)
    sent = max(before.depth - after.depth, 0)
    told = _("Sent: {sent}. Still waiting: {depth}, of them for a person: {failed}.")
    say(told.format(sent=sent, depth=after.depth, failed=after.failed))
    return 1 if after.depth else 0


async def work(session: CrmSession) -> int:
    """Carry out what is due, as a worker does; returns how many operations that was."""
    done = 0
    while count := await session.product.services.crm_sync.work_once(f"{session.product.owner}:crm"):
        done += count
    return done
