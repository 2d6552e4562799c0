"""`crm switch`: a move to another CRM from the command line, which works as the chat's does."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from bot.crm.session import CrmSession, say
from bot.crm.words import move_in_words, plan_in_words, progress_in_words
from domain.errors import NotFound
from domain.members import Member
from domain.switching import OPEN, WORKING, Move, SwitchState
from handlers.crm.switch_report import report_file
from locales import N_, _

NO_MOVE = N_("No move is under way. Begin one with: crm switch --to CRM")
PAUSE = 0.5
"""Seconds until the target is looked at again while nothing is due."""

Decide = Callable[[Member, UUID], Awaitable[Move]]


async def switch(session: CrmSession, options: argparse.Namespace) -> int:
    """Carry out what was asked; see crm_commands.add_arguments."""
    if options.list:
        return await _list(session)
    if options.to:
        return await _begin(session, options.to)
    crm_switch, member = session.product.services.crm_switch, session.member
    move = await crm_switch.current(member)
    if move is None or (move.state not in OPEN and not options.report):
        say(_(NO_MOVE))
        return 1
    if options.report:
        await asyncio.to_thread(Path(options.report).write_bytes, report_file(move))
        say(*move_in_words(move))
        return 0
    if options.resume:
        return await _resume(session, move)
    decisions: Mapping[str, Decide] = {
        "pause": crm_switch.pause,
        "activate": crm_switch.activate,
        "finish": crm_switch.finish,
        "cancel": crm_switch.cancel,
    }
    decide = next(decisions[name] for name in decisions if getattr(options, name))
    say(*move_in_words(await decide(member, move.id)))
    return 0


async def _list(session: CrmSession) -> int:
    crm_switch, member = session.product.services.crm_switch, session.member
    for target_id, title in await crm_switch.targets(member):
        say(f"{target_id}  {title}")
    move = await crm_switch.current(member)
    if move is not None and move.state in OPEN:
        say(*move_in_words(move))
    return 0


async def _begin(session: CrmSession, wanted: str) -> int:
    crm_switch, member = session.product.services.crm_switch, session.member
    fits = [
        target_id
        for target_id, title in await crm_switch.targets(member)
        if wanted.casefold() in (str(target_id), title.casefold())
    ]
    if len(fits) != 1:
        raise NotFound(record="integration")
    plan = await crm_switch.plan(member, fits[0])
    say(*plan_in_words(plan))
    if not plan.possible:
        return 1
    move = await crm_switch.start(member, fits[0], None)
    return await _go_on(session, move)


async def _resume(session: CrmSession, move: Move) -> int:
    if move.state is SwitchState.PAUSED:
        move = await session.product.services.crm_switch.resume(session.member, move.id)
    return await _go_on(session, move)


async def _go_on(session: CrmSession, move: Move) -> int:
    """Copy and compare until the report is there. When it is cut off, nothing is lost: the product, or
    --resume, goes on."""
    services, shown = session.product.services, ""
    while move.state in WORKING:
        steps = await services.crm_switch.advance()
        steps += await services.crm_sync.work_once(f"{session.product.owner}:crm")
        move = await services.crm_switch.get(session.member, move.id)
        if progress_in_words(move) != shown:
            shown = progress_in_words(move)
            say(shown)
        if not steps:
            await asyncio.sleep(PAUSE)
    say(*move_in_words(move))
    return 1 if move.asking else 0
