"""Everything the stand-in holds: buckets with their objects, keys, what it has seen."""

from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.s3.faults import switches


@dataclass(frozen=True, slots=True)
class Stored:
    """An object; `at` is as HTTP writes it."""

    content: bytes
    content_type: str
    at: str


@dataclass
class State:
    """One storage in memory. `keys` are secrets by their access key; `buckets` are objects by their key, by
    the bucket's name."""

    clock: Clock
    region: str
    base_url: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    buckets: dict[str, dict[str, Stored]] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)

    def clear(self) -> None:
        """Empty every bucket, and forget the faults and what was seen."""
        for objects in self.buckets.values():
            objects.clear()
        self.requests.clear()
        self.faults = switches()

    def stamp(self) -> str:
        return self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
