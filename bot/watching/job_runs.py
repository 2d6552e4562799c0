"""How the jobs of this process went."""

from datetime import UTC, datetime

from storage.replicas.processes import JobRun


class JobRuns:
    """The last run of every job."""

    def __init__(self) -> None:
        self.last: dict[str, JobRun] = {}

    def ended(self, name: str, seconds: float, error: str = "") -> None:
        """A run has ended just now, well or with an error of this class."""
        self.last[name] = JobRun(name, datetime.now(UTC), int(seconds * 1000), error)
