"""The services of purchases and bonuses, wired."""

import random
from typing import Any

from bot.settings import Settings
from handlers.transactions.letters import wording
from services.clock import Clock
from services.connections.integrations import Integrations
from services.delivery.outbox import Outbox
from services.leads.customers import Customers
from services.loyalty.balances import Balances
from services.loyalty.redemptions import Redemptions
from services.loyalty.rules import LoyaltyRules
from services.loyalty.telling import BonusTelling
from services.messages.notices import Notices
from services.transactions.connectors import Connectors
from services.transactions.ending import Ending
from services.transactions.heard import TransactionsHeard
from services.transactions.letters import SourceLetters
from services.transactions.log import TransactionLog
from services.transactions.purchases import Transactions
from services.transactions.sources import TransactionSources
from services.transactions.storing import TransactionStore
from services.transactions.sync import Pace, TransactionSync
from services.transactions.table_failing import TableFailures
from services.transactions.tables import PurchaseTables
from storage.db import Database
from storage.secrets import Vault


def transaction_services(
    settings: Settings, db: Database, vault: Vault, clock: Clock, integrations: Integrations,
    outbox: Outbox, notices: Notices, chance: random.Random,
) -> dict[str, Any]:  # fmt: skip
    """By their fields of Services. Letters go out where SMTP_URL is set."""
    ladder = tuple(settings.retry_delays)
    store = TransactionStore(vault, clock)
    letters = SourceLetters(clock, notices.signals, wording) if settings.smtp_url else None
    ending = Ending(db, clock, notices, store, letters)
    customers = Customers(db, clock, outbox, notices)
    sources = TransactionSources(db, clock, integrations)
    failures = TableFailures(db, clock, notices)
    return {
        "balances": Balances(db, clock, customers),
        "bonus_telling": BonusTelling(db, clock, integrations, ladder, notices),
        "loyalty_rules": LoyaltyRules(db, clock),
        "purchase_tables": PurchaseTables(sources, store, notices, failures),
        "redemptions": Redemptions(db, clock),
        "transaction_log": TransactionLog(db, clock, integrations, store),
        "connectors": Connectors(sources),
        "table_failures": failures,
        "transaction_sources": sources,
        "transaction_sync": TransactionSync(
            db, clock, integrations, store, ending, Pace(settings.operation_lease, ladder, chance)
        ),
        "transactions": Transactions(db, clock, customers, store),
        "transactions_heard": TransactionsHeard(db, clock, integrations, store, ending),
    }
