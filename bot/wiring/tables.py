"""The services of tables, wired: leads in from files and out as files."""

from typing import Any

from handlers.importing.vocabulary import vocabulary
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.exporting.exports import Exports
from services.finding.search import Finding
from services.importing.answers import ImportAnswers
from services.importing.failing import ImportFailures
from services.importing.imports import Imports
from services.importing.job import ImportJob
from services.importing.placing import ShareOut
from services.importing.undoing import ImportUndo
from services.importing.updating import LeadUpdates
from services.leads.changes import Changes
from services.messages.notices import Notices
from storage.db import Database
from storage.replicas.signals import Signals


def table_services(
    db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices,
    share_out: ShareOut | None = None,
) -> dict[str, Any]:  # fmt: skip
    """By their fields of Services. `share_out` gives new leads to people by the rules."""
    changes = Changes(db, clock, outbox, notices)
    imports = Imports(db, clock, notices, changes, vocabulary, can_share=share_out is not None)
    updates = LeadUpdates(clock, outbox)
    undo = ImportUndo(db, clock, notices, changes, imports)
    failures = ImportFailures(db, clock, notices, imports)
    return {
        "exports": Exports(db, clock, Finding(db, clock)),
        "imports": imports,
        "import_answers": ImportAnswers(db, clock, imports, updates),
        "import_failures": failures,
        "import_job": ImportJob(db, clock, notices, imports, updates, undo, failures, share_out),
        "import_undo": undo,
    }
