"""Several streams beside each other: each subject belongs to one of them at most.

Implements JS-STREAM-005, JS-STREAM-015 .. JS-STREAM-017, JS-PUB-033 and the overlap of subjects.
Leaves out what makes a configuration invalid in itself, and the limits of an account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from nats_spec.model.stream import Config, Refused, Stream, restart
from nats_spec.model.stream_limits import reconfigure
from nats_spec.subjects import collide, matches

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The streams of an account, by name.
Account: TypeAlias = "Mapping[str, Stream]"


def create(account: Account, config: Config) -> Account | Refused:
    """With one stream more; an equal one may be created again (JS-STREAM-005)."""
    there = account.get(config.name)
    if there is not None:
        return account if there.config == config else Refused(10058)
    if _overlaps(account, config):
        return Refused(10065)
    return {**account, config.name: Stream(config)}


def update(account: Account, config: Config) -> Account | Refused:
    """With this configuration in place of the old one (JS-STREAM-017, JS-STREAM-018)."""
    there = account.get(config.name)
    if there is None:
        return Refused(10059)
    if there.config.sealed and not config.sealed:
        return Refused(10052)
    if _overlaps(account, config):
        return Refused(10065)
    return {**account, config.name: reconfigure(there, config)}


def remove(account: Account, name: str) -> Account | Refused:
    """Without that stream (JS-STREAM-016)."""
    if name not in account:
        return Refused(10059)
    return {other: stream for other, stream in account.items() if other != name}


def capturing(account: Account, subject: bytes) -> str | None:
    """The stream that a message with this subject goes to, if any does (JS-PUB-033)."""
    for name, stream in account.items():
        if any(matches(pattern, subject) for pattern in stream.config.subjects):
            return name
    return None


def restarted(account: Account, now: int) -> Account:
    """What is left when the server was killed and came back (JS-LIM-020)."""
    again = {name: restart(stream, now) for name, stream in account.items()}
    return {name: stream for name, stream in again.items() if stream is not None}


def _overlaps(account: Account, config: Config) -> bool:
    return any(
        collide(mine, theirs)
        for name, other in account.items()
        if name != config.name
        for mine in config.subjects
        for theirs in other.config.subjects
    )
