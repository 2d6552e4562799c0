"""What is wrong with the record of actions, in words."""

from collections.abc import Mapping

from locales import N_, _

WHY: Mapping[str, str] = {
    "changed": N_("entry {seq} was changed"),
    "removed": N_("entry {seq} was removed"),
    "inserted": N_("entry {seq} was not written by this program"),
    "moved": N_("entry {seq} is not in its place"),
    "cut": N_("the record ends too early: entry {seq} and what followed are gone"),
    "head": N_("what the record says of its own end was changed; entry {seq} is the last one it names"),
}


def why_word(why: str, seq: object) -> str:
    """Where the chain breaks, and how; plain text."""
    return _(WHY[why]).format(seq=seq)
