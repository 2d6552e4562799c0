"""The name under which a process holds what it works on, and whether the bearer of such a name lives.

A name is host:pid:place and a random end, `place` being the space of process ids that the pid is of. Of a
process in the same place can be told that it is dead; of any other its leases tell.
"""

import hashlib
import os
import random
import re
import socket
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r".+:(\d+):([0-9a-f]{6})[0-9a-f]{6}")
_BOOT, _IDS = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
HOST_ROOM = 32


def new_owner() -> str:
    """A name for this process that was never given before."""
    host = socket.gethostname()[:HOST_ROOM]
    return f"{host}:{os.getpid()}:{_place() or '0' * 6}{random.getrandbits(24):06x}"


def is_dead(owner: str) -> bool:
    """Whether its process is known to have ended."""
    named, place = _NAME.fullmatch(owner), _place()
    if named is None or not place or named[2] != place:
        return False
    try:
        os.kill(int(named[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _place() -> str:
    """Six hex digits of this machine's start and its space of ids; empty where the system tells neither."""
    with suppress(OSError):
        told = f"{_BOOT.read_text()}{_IDS.readlink()}"
        return hashlib.sha256(told.encode()).hexdigest()[:6]
    return ""
