"""The REST API, wired: who enters, and limits."""

from typing import TypedDict

from bot.wiring.ground import Foundation
from services.api.keys import ApiKeys
from services.api.limits import ApiGate, Entrances, Rates
from services.api.writes import ApiWrites
from services.entry.bursts import Bursts
from services.entry.hook_pace import HookOwners
from services.entry.oauth import OAuth
from services.entry.second_factor import SecondFactor
from services.entry.sessions import Sessions
from services.entry.telegram import PRODUCTION_KEY, TEST_KEY, TelegramKeys
from services.entry.tokens import TokenSigner
from services.messages.notices import Notices


class ApiServices(TypedDict):
    """The fields of Services that are built here."""

    api_gate: ApiGate
    api_keys: ApiKeys
    api_sessions: Sessions
    api_writes: ApiWrites
    bursts: Bursts
    hook_owners: HookOwners
    oauth: OAuth
    second_factor: SecondFactor


def api_services(on: Foundation, notices: Notices) -> ApiServices:
    """Wire them."""
    settings, db, clock = on.settings, on.db, on.clock
    keys, bursts = ApiKeys(db, clock), Bursts(db, clock, notices)
    signer = TokenSigner(settings.secret_key, tuple(settings.secret_key_old))
    telegram = TelegramKeys(settings.bot_token, TEST_KEY if settings.telegram_test else PRODUCTION_KEY)
    oauth, sessions = OAuth(keys, signer, clock), Sessions(db, clock, signer, telegram)
    entrances = Entrances(keys, oauth, sessions, signer, clock)
    return ApiServices(
        api_gate=ApiGate(entrances, on.limits, Rates(settings.api_rate), bursts),
        api_keys=keys,
        api_sessions=sessions,
        api_writes=ApiWrites(db, clock),
        bursts=bursts,
        hook_owners=HookOwners(db, clock),
        oauth=oauth,
        second_factor=SecondFactor(db, on.vault, clock, notices, bursts),
    )
