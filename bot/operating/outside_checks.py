"""What others say: Telegram, our own address from outside, the mail server, the CRMs."""

import asyncio
import smtplib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.operating.archives import is_missing
from bot.operating.findings import Finding, bad, note, ok
from bot.operating.own_checks import SILENT, clock_found
from bot.settings import Settings
from crm_adapters import base
from crm_adapters.http import CrmHttp
from domain.errors import CrmError
from handlers.crm.words import error_in_words, problem_in_words
from locales import N_, _, ngettext
from services.clock import system_clock
from services.connections.adapters import Connections
from services.messages.mailer import SmtpServer
from storage.db import Database
from storage.delivery import integrations
from storage.delivery.integrations import Integration
from storage.secrets import Vault

PATIENCE = 8.0
NO_WEBHOOK = N_("Telegram sends updates to nobody, not to {wanted}.")
RECENT = 3600
"""Seconds: an error of a webhook older than that is history."""


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=PATIENCE, trust_env=False, follow_redirects=False)


async def check_telegram(settings: Settings) -> Sequence[Finding]:
    """The token, the bot's rights, and how updates come."""
    if not settings.bot_token:
        return []
    async with _client() as client:
        try:
            began = time.time()
            me, heard = await _ask(client, settings, "getMe")
            hook, _heard = await _ask(client, settings, "getWebhookInfo")
        except (httpx.HTTPError, ValueError) as error:
            todo = _(
                "Can this machine reach BOT_API_URL? A Bot API server of your own, or a proxy, may help."
            )
            return [bad("telegram", _silent(settings.bot_api_url, error), todo)]
    if not me.get("ok"):
        said = _("Telegram refuses the token: {reason}.").format(reason=me.get("description", ""))
        return [bad("telegram", said, _("Copy BOT_TOKEN again from @BotFather."))]
    name = f"@{me['result'].get('username')}"
    found = [ok("telegram", _("The bot is {name}.").format(name=name)), *_rights(me["result"])]
    if heard is not None:
        # Date has whole seconds
        found.append(clock_found("Bot API", heard + 0.5 - (began + time.time()) / 2))
    return [*found, *_about_webhook(settings, hook.get("result") or {})]


def _silent(place: str, error: Exception) -> str:
    return _(SILENT).format(place=place, reason=type(error).__name__)


async def _ask(
    client: httpx.AsyncClient, settings: Settings, method: str
) -> tuple[dict[str, Any], float | None]:
    response = await client.get(f"{settings.bot_api_url}/bot{settings.bot_token}/{method}")
    told = response.headers.get("date")
    answer: dict[str, Any] = response.json()
    return answer, parsedate_to_datetime(told).timestamp() if told else None


def _rights(me: Mapping[str, Any]) -> list[Finding]:
    found = []
    if me.get("can_join_groups") is False:
        todo = _("@BotFather: /setjoingroups, Enable, if teams are to get leads in a group.")
        found.append(note("bot's rights", _("The bot may not be added to groups."), todo))
    if not me.get("supports_inline_queries"):
        todo = _("@BotFather: /setinline, if leads are to be found from any chat.")
        found.append(note("bot's rights", _("Inline search is off."), todo))
    return found or [ok("bot's rights", _("Groups and inline search are on."))]


def _about_webhook(settings: Settings, told: Mapping[str, Any]) -> list[Finding]:
    url, wanted = told.get("url", ""), f"{settings.public_url}/telegram/webhook"
    if settings.bot_mode == "polling":
        if url:
            said = _("Telegram sends updates to a webhook, and we are to poll.")
            todo = _("The role bot takes it off when it starts; is another program using the bot?")
            return [note("webhook", said, todo)]
        return [ok("webhook", _("None: updates are polled."))]
    if url != wanted:
        said = _("Telegram sends updates to {url}, not to {wanted}.") if url else _(NO_WEBHOOK)
        todo = _("The role bot sets it when it starts; is another program using the bot?")
        return [bad("webhook", said.format(url=url, wanted=wanted), todo)]
    waiting = int(told.get("pending_update_count", 0))
    said = ngettext(
        "{url}, {count} update waits at Telegram.", "{url}, {count} updates wait at Telegram.", waiting
    )
    found = [ok("webhook", said.format(url=wanted, count=waiting))]
    failed = told.get("last_error_date")
    if failed and time.time() - failed < RECENT:
        found.append(_not_delivered(failed, told.get("last_error_message", "")))
    return found


def _not_delivered(failed: float, reason: str) -> Finding:
    moment = f"{datetime.fromtimestamp(failed, UTC):%H:%M}"
    said = _("Telegram could not deliver at {moment} UTC: {reason}.").format(moment=moment, reason=reason)
    todo = _("Does the role web run, and does the proxy lead to it with a valid certificate?")
    return bad("webhook", said, todo)


async def check_public_url(settings: Settings) -> Sequence[Finding]:
    """Whether we reach ourselves by the address that others use."""
    if not settings.public_url:
        todo = _("CRMs and forms cannot call us without it.")
        return [note("public url", _("PUBLIC_URL is not set."), todo)]
    if settings.public_url.startswith("http://"):
        todo = _("Telegram, and most CRMs, call https only.")
        found = [note("public url", _("It is not https."), todo)]
    else:
        found = []
    try:
        async with _client() as client:
            answer = await client.get(f"{settings.public_url}/health/ready")
    except httpx.HTTPError as error:
        todo = _("Does the role web run, do DNS and the proxy lead to it, and is the certificate valid?")
        return [*found, bad("public url", _silent(settings.public_url, error), todo)]
    if answer.status_code != 200:
        said = _("{url} answers {status}.")
        said = said.format(url=f"{settings.public_url}/health/ready", status=answer.status_code)
        todo = _("503: look at the database. Anything else: is it our server?")
        return [*found, bad("public url", said, todo)]
    return [*found, ok("public url", _("{url} leads to us.").format(url=settings.public_url))]


async def check_smtp(settings: Settings) -> Sequence[Finding]:
    """Whether the mail server lets us in."""
    if not settings.smtp_url:
        return [ok("letters", _("No mail server: people use their own mail program."))]
    server = SmtpServer.of(settings.smtp_url, settings.smtp_from)
    try:
        await asyncio.to_thread(server.try_out)
    except smtplib.SMTPAuthenticationError:
        said = _("{host} refuses the user or the password.").format(host=server.host)
        return [bad("letters", said, _("Many providers want a password made for programs: see SMTP_URL."))]
    except (OSError, smtplib.SMTPException) as error:
        said = _("{place} does not work ({reason}).")
        said = said.format(place=f"{server.host}:{server.port}", reason=type(error).__name__)
        return [bad("letters", said, _("Are host, port and smtp or smtps right?"))]
    said = _("{host} lets us in; letters come from {sender}.")
    return [ok("letters", said.format(host=server.host, sender=server.sender))]


async def check_crms(settings: Settings) -> Sequence[Finding]:
    """Every connection of every organization, and whether the settings still say what the first one is."""
    if not settings.secret_key or is_missing(settings.database_url):
        return []
    db = Database(settings.database_url)
    http = CrmHttp(now=system_clock, time_limit=settings.crm_timeout, allow=settings.egress_allow)
    connections = Connections(db, Vault(settings.secret_key, settings.secret_key_old), http, system_clock)
    try:
        async with db.reading(system=True) as s:
            rows = await integrations.every_active(s)
        found = await asyncio.gather(*(_about_crm(connections, row) for row in rows))
        return [*found, *_differences(settings, rows)] or [ok("crm", _("None is connected."))]
    finally:
        await http.aclose()
        await db.close()


async def _about_crm(connections: Connections, row: Integration) -> Finding:
    name = f"{row.provider} {row.name or row.account}".strip()
    try:
        adapter = (await connections.connected(row.id)).adapter
        if not isinstance(adapter, base.Tests):
            return ok("crm", _("{name}: cannot be tried.").format(name=name))
        report = await adapter.test()
    except CrmError as error:
        todo = _("`/crm` in the chat leads through mending it.")
        return bad("crm", f"{name}: {error_in_words(error.code, error.reason)}.", todo)
    except Exception as error:
        said = _("{name}: its credentials cannot be used ({reason}).")
        todo = _("If SECRET_KEY was changed, put the earlier one into SECRET_KEY_OLD.")
        return bad("crm", said.format(name=name, reason=type(error).__name__), todo)
    if not report.usable:
        problems = " ".join(problem_in_words(problem) for problem in report.problems if problem.fatal)
        return bad("crm", f"{name}: {problems}", _("`/crm` in the chat says how to mend it."))
    said = _("{name} {version}: connected as {account}.")
    return ok("crm", said.format(name=name, version=report.version or "", account=report.account))


def _differences(settings: Settings, rows: Sequence[Integration]) -> list[Finding]:
    if settings.crm_provider == "none" or not rows:
        return []
    alike = [row for row in rows if row.provider == settings.crm_provider]
    if any(
        not settings.crm_url or row.settings.get("url", "").rstrip("/") == settings.crm_url for row in alike
    ):
        return []
    said = _("CRM_PROVIDER and CRM_URL name {crm}, which is not active.")
    todo = _("They only seed the first connection; change it in the chat: /crm.")
    return [note("crm", said.format(crm=f"{settings.crm_provider} {settings.crm_url}"), todo)]
