"""What can be observed of a stream: its messages in the order of their sequences, and its INFO.

A log may be millions of messages long, so a message keeps what the invariants ask for and
nothing more; nobody holds the log. Leaves out who reads it: cases, state machines, `audit`.
"""

from __future__ import annotations

from calendar import timegm
from dataclasses import dataclass
from functools import lru_cache
from time import strptime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What `state` has for times of messages that there are not.
_NEVER: Final = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Logged:
    """A message of the log."""

    seq: int
    #: Nanoseconds since 1970.
    time: int
    subject: bytes
    #: The header block as it is stored; empty if there is none.
    block: bytes
    #: Bytes of its payload.
    length: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The state in STREAM.INFO."""

    messages: int
    num_bytes: int
    first_seq: int
    last_seq: int
    #: Nanoseconds since 1970; None if there is no such message.
    first_time: int | None
    last_time: int | None
    num_deleted: int
    num_subjects: int

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Figures:
        """What the member `state` of an answer says."""
        first, last = str(state["first_ts"]), str(state["last_ts"])
        return cls(
            state["messages"],
            state["bytes"],
            state["first_seq"],
            state["last_seq"],
            None if first == _NEVER else nanoseconds(first),
            None if last == _NEVER else nanoseconds(last),
            state.get("num_deleted") or 0,
            state.get("num_subjects") or 0,
        )


@dataclass(frozen=True, slots=True)
class View:
    """A stream as its INFO shows it before the log is read."""

    #: The configuration as INFO gives it.
    config: Mapping[str, Any]
    before: Figures
    #: The server's time of that INFO, nanoseconds since 1970.
    now: int

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> View:
        """What an answer of STREAM.INFO says."""
        return cls(info["config"], Figures.of(info["state"]), nanoseconds(info["ts"]))

    def limit(self, name: str) -> int:
        """A limit of the configuration; 0 if there is none."""
        return max(self.config.get(name) or 0, 0)

    @property
    def copies(self) -> bool:
        """Its messages come from other streams, with times and subjects from there."""
        return bool(self.config.get("mirror") or self.config.get("sources"))


@lru_cache(maxsize=64)
def _seconds(text: str) -> int:
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%S"))


def nanoseconds(text: str) -> int:
    """Nanoseconds since 1970 of a time as servers write it, which is UTC.

    Raises:
        ValueError: it is written otherwise.
    """
    if not text.endswith("Z"):
        raise ValueError(f"{text} is no time in UTC")
    whole, _, fraction = text[:-1].partition(".")
    return _seconds(whole) * 10**9 + (int(fraction.ljust(9, "0")) if fraction else 0)
