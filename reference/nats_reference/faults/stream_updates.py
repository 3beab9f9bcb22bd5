"""Faults of chapter 110: what an update may change.

What is refused of an update are the rows of two tables; what it may do is checked by one function.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nats_reference.faults import Patch, fault
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nats_reference.jetstream.config import StreamConfig

UPDATING = "nats_reference.jetstream.config.updating"
ACCOUNT = "nats_reference.jetstream.account:Account"
RETENTION = "nats_reference.jetstream.retention"

#: A change that is let through: fault, words of the refusal, what is wrong.
LET_THROUGH: Final[tuple[tuple[str, str, str], ...]] = (
    ("JS-CFG-010", "storage type", "the storage is changed, and nothing moves"),
    ("JS-CFG-011", "workqueue", "any retention may become any other"),
    ("JS-CFG-016/unseal", "unseal", "a seal can be broken"),
    ("JS-CFG-017", "deny message deletes", "what must not be deleted may be deleted later"),
    ("JS-CFG-017/purge", "deny purge", "what must not be purged may be purged later"),
    ("JS-CFG-020", "TTL status", "times to live are switched off"),
    ("JS-CFG-021", "schedules can not", "schedules are switched off"),
    ("JS-CFG-022", "counter setting", "any stream may become a counter"),
    ("JS-CFG-023", "persist mode", "files may be written later from now on"),
)

#: A change that is refused: fault, member, what is wrong.
FIXED: Final[tuple[tuple[str, str, str], ...]] = (
    ("JS-CFG-012", "max_age", "the age is for ever"),
    ("JS-CFG-012/description", "description", "a description is for ever"),
    ("JS-CFG-013", "first_seq", "a first sequence is refused when it comes too late"),
    ("JS-CFG-019", "allow_rollup_hdrs", "roll-ups are for ever"),
    ("JS-CFG-024", "allow_atomic", "atomic batches are for ever"),
    ("JS-CFG-025", "subject_delete_marker_ttl", "the time of markers is for ever"),
    ("JS-CFG-076", "max_consumers", "the number of consumers is for ever"),
    ("JS-CFG-077", "allow_batched", "fast batches are for ever"),
)


def let_through(words: str) -> Callable[[Patch], None]:
    """The fault that has no row with these words."""

    def install(patch: Patch) -> None:
        found = 0
        for table in ("REFUSED", "LATER"):
            rows = patch.original(f"{UPDATING}:{table}")
            kept = tuple(row for row in rows if words not in row[1])
            found += len(rows) - len(kept)
            patch.attribute(f"{UPDATING}:{table}", kept)
        if not found:
            raise AttributeError(f"nothing is refused with {words}")

    return install


def checked(
    patch: Patch, change: Callable[[StreamConfig, StreamConfig], StreamConfig | None]
) -> None:
    """Let `change(old, new)` look at an update first; what it returns takes the place of `new`."""
    check = patch.original(f"{UPDATING}:check")
    patch.attribute(f"{UPDATING}:check", lambda old, new: check(old, change(old, new) or new))


def fixed(member: str) -> Callable[[Patch], None]:
    """The fault that refuses a change of this member."""

    def refuse(old: StreamConfig, new: StreamConfig) -> None:
        if getattr(old, member) != getattr(new, member):
            raise ApiError(10052, err=f"stream configuration update can not change {member}")

    return lambda patch: checked(patch, refuse)


for _name, _words, _text in LET_THROUGH:
    fault(_name, _text)(let_through(_words))
for _name, _member, _text in FIXED:
    fault(_name, _text)(fixed(_member))


@fault("JS-CFG-016", "sealing changes nothing else")
def only_sealed(patch: Patch) -> None:
    """The rest follows from it."""
    patch.attribute(f"{UPDATING}:sealed", lambda config: config)


@fault("JS-CFG-059", "a mirror stays one")
def mirror_for_ever(patch: Patch) -> None:
    """As before 2.12."""

    def refuse(old: StreamConfig, new: StreamConfig) -> None:
        if old.mirror and not new.mirror:
            raise ApiError(10055)

    checked(patch, refuse)


@fault("JS-CFG-059/change", "a mirror may have another origin")
def another_origin(patch: Patch) -> None:
    """It goes on from there."""
    check = patch.original(f"{UPDATING}:check")

    def lax(old: StreamConfig, new: StreamConfig) -> StreamConfig:
        now: StreamConfig = check(replace(old, mirror=new.mirror), new)
        return now

    patch.attribute(f"{UPDATING}:check", lax)


@fault("JS-CFG-012/subjects", "new subjects are told and not heard")
def deaf(patch: Patch) -> None:
    """The old ones are still there."""
    update = patch.original(f"{ACCOUNT}.update")
    capture = patch.original("nats_reference.jetstream.outlet:Outlet.capture")

    def changed(account: Any, name: str, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        account.capture = lambda _stream: None
        try:
            return update(account, name, config, pedantic=pedantic)
        finally:
            account.capture = capture.__get__(account)

    patch.attribute(f"{ACCOUNT}.update", changed)


@fault("JS-STREAM-039", "an update may bring replicas")
def more_replicas(patch: Patch) -> None:
    """As before 2.14."""
    checked(patch, lambda _old, new: replace(new, num_replicas=1))


@fault("JS-STREAM-017", "an update of an unknown stream creates it")
def created(patch: Patch) -> None:
    """As it is wanted."""
    update = patch.original(f"{ACCOUNT}.update")

    def changed(account: Any, name: str, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        if name not in account.streams:
            return account.create(config, pedantic=pedantic)
        return update(account, name, config, pedantic=pedantic)

    patch.attribute(f"{ACCOUNT}.update", changed)


@fault("JS-STREAM-018", "an update leaves the subjects that it does not mention")
def merged(patch: Patch) -> None:
    """As one would expect."""
    update = patch.original(f"{ACCOUNT}.update")

    def changed(account: Any, name: str, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        stream = account.streams.get(name)
        if (
            stream is not None
            and not config.subjects
            and not (config.mirror or stream.config.mirror)
        ):
            config = replace(config, subjects=stream.config.subjects)
        return update(account, name, config, pedantic=pedantic)

    patch.attribute(f"{ACCOUNT}.update", changed)


@fault("JS-STREAM-019", "a new limit for each subject waits for the next message")
def later(patch: Patch) -> None:
    """As before 2.14, in files."""
    enforce = patch.original(f"{RETENTION}:enforce")
    patch.attribute(f"{RETENTION}:enforce_all", lambda stream: enforce(stream, b""))


@fault("JS-STREAM-040", "new limits wait for the next message")
def all_later(patch: Patch) -> None:
    """Nothing is urgent."""
    patch.attribute(f"{RETENTION}:enforce_all", lambda _stream: None)


@fault("JS-STREAM-020", "an update that changes nothing is not told")
def no_news(patch: Patch) -> None:
    """It is no news."""
    update = patch.original(f"{ACCOUNT}.update")

    def changed(account: Any, name: str, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        before = account.streams[name].config if name in account.streams else None
        stream = update(account, name, config, pedantic=pedantic)
        if stream.config == before:
            account.news.pop()
        return stream

    patch.attribute(f"{ACCOUNT}.update", changed)


@fault("JS-STREAM-021", "limits of consumers are changed whatever consumers there are")
def broken_limits(patch: Patch) -> None:
    """They are for new ones."""
    patch.attribute(f"{ACCOUNT}.check_consumer_limits", lambda _account, _stream, _config: None)
