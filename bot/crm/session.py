"""What every `crm` command stands on: the services beside a running product, and who acts."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.assembly import Product, assemble
from bot.settings import Settings, SettingsError
from bot.watching.logs import set_up_logs
from domain.members import Member, Organization, Right
from locales import _
from storage.migrations import upgrade
from storage.people import members


@dataclass(frozen=True, slots=True)
class CrmSession:
    """An assembled product, and a member of the chosen organization who looks after its CRM."""

    product: Product
    member: Member


@asynccontextmanager
async def open_session(settings: Settings, organization: str) -> AsyncIterator[CrmSession]:
    """Build the services over the settings' database. `organization` is a name or an id, and may be empty
    where there is one. Raises SettingsError with a sentence for the operator."""
    set_up_logs("ERROR", settings.log_format, settings.secrets)
    await upgrade(settings.migrations_url, serving=settings.database_url)
    async with assemble(settings) as product:
        async with product.db.reading(system=True) as session:
            chosen = choose(await members.every_organization(session), organization)
            admins = await members.active_with(session.scoped(chosen.id, False), Right.CRM_MANAGE)
        if not admins:
            raise SettingsError(_("Nobody looks after this organization yet: name its owner in ADMIN_IDS."))
        yield CrmSession(product, admins[0])


def choose(every: list[Organization], wanted: str) -> Organization:
    """The one that is meant. Raises SettingsError that lists them where it is not clear."""
    fits = [one for one in every if not wanted or wanted.casefold() in (one.name.casefold(), str(one.id))]
    if len(fits) == 1:
        return fits[0]
    names = ", ".join(f"{one.name} ({one.id})" for one in every)
    raise SettingsError(_("Which organization? Say --organization and one of: {names}").format(names=names))


def say(*lines: str) -> None:
    """Lines for whoever runs the command, seen at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
