"""What every form that connects something does at its end: the answers wait in the dialog, secrets sealed,
while the other system is asked, so that after a failure one of them is mended and the rest stays."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiogram.fsm.context import FSMContext

from domain.members import Member
from handlers.crm.forms import SECRETS, settings_in
from handlers.screens import Screen, esc
from locales import _
from services.registry import Services


async def put_aside(
    mark: str, state: FSMContext, member: Member, services: Services
) -> tuple[str, dict[str, Any]]:
    """Keep what was given in the dialog under a state of its own, which begins with `mark`; (state, data).
    Raises CodeNeeded."""
    await services.second_factor.demand(member)
    waiting = f"{mark}{secrets.token_hex(6)}"
    await state.set_state(waiting)
    return waiting, await state.get_data()


def asking_screen(title: str) -> Screen:
    """While the other system is asked; `title` is plain text."""
    return Screen(_("⏳ I am asking {title} …").format(title=esc(title)))


async def opened(
    provider: str, answers: Mapping[str, str], member: Member, services: Services
) -> dict[str, str]:
    """The settings in clear, for the moment of the call."""
    given = {}
    for name, value in settings_in(provider, answers).items():
        sealed = name in SECRETS[provider] and value
        given[name] = await services.integrations.open_secret(member, value) if sealed else value
    return given
