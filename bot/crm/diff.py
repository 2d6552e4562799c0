"""`crm diff`: the document of the chat's `/mapping diff` from the command line."""

import argparse
import asyncio
from pathlib import Path

from bot.crm.session import CrmSession, say
from domain.errors import BadInput
from handlers.mapping.page import diff_page
from locales import _, current_language, ngettext
from services.connections.integrations import manifests


async def diff(session: CrmSession, options: argparse.Namespace) -> int:
    """Write what becomes of a lead in either CRM, the organization's own mapping included, into a file."""
    left, right = options.left.casefold(), options.right.casefold()
    try:
        found = await session.product.services.mappings.diff(session.member, left, right)
    except BadInput:
        known = ", ".join(one.name for one in manifests())
        say(_("Please name two different CRMs of these: {known}").format(known=known))
        return 1
    target = Path(options.to or f"{left}-{right}.html")
    page = diff_page(found, current_language())
    await asyncio.to_thread(target.write_text, page, encoding="utf-8")
    lost = ngettext(
        "{count} field has no place on one side.", "{count} fields have no place on one side.", found.lost
    )
    say(f"{found.left} — {found.right}. {lost.format(count=found.lost)}", str(target))
    return 0
