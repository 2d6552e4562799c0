"""Errors of our own code while something is delivered."""

from collections.abc import Sequence
from uuid import uuid4

import structlog

from domain.delivery import FaultOfOurs, Operation
from storage.outage import is_outage

log = structlog.get_logger()


def fault_of(error: Exception, operations: Sequence[Operation]) -> FaultOfOurs:
    """An error of our own code, by the number under which the log has it; called while it is handled.
    An outage of ours is no fault: it is raised again."""
    if is_outage(error):
        raise error
    fault = uuid4().hex[:8]
    log.exception("operation.fault", operations=[str(one.id) for one in operations], fault=fault)
    return FaultOfOurs(fault)
