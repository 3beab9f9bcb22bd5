"""Faults of chapter 110: subjects, mirrors and sources of a stream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.stream_config import CAPTURING, after, stepped
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.faults.stream_config import Step
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context


# ---- Subjects ------------------------------------------------------------------------


@fault("JS-CFG-036", "streams may share subjects")
def shared(patch: Patch) -> None:
    """Each keeps what it gets."""
    path = "nats_reference.jetstream.account:Account.check_overlap"
    patch.attribute(path, lambda _account, _config: None)


@fault("JS-CFG-036/update", "an update may take another stream's subjects")
def taken(patch: Patch) -> None:
    """Only creating is looked at."""
    path = "nats_reference.jetstream.account:Account.check_overlap"
    check = patch.original(path)

    def new_ones(account: Any, config: StreamConfig) -> None:  # noqa: ANN401 - an account
        if config.name not in account.streams:
            check(account, config)

    patch.attribute(path, new_ones)


@fault("JS-CFG-038", "a stream may capture what the system says")
def system_captured(patch: Patch) -> None:
    """It is a subject like others."""
    path = f"{CAPTURING}:RESERVED"
    patch.attribute(path, tuple(row for row in patch.original(path) if row[0] != b"$SYS.>"))


@fault("JS-CFG-072", "a stream may capture what overlaps the server's subjects")
def overlapping(patch: Patch) -> None:
    """As 2.10 allows."""
    path = f"{CAPTURING}:check_reserved"
    check = patch.original(path)

    def lax(config: StreamConfig, subject: str) -> None:
        if not subject.startswith("*") and not subject.startswith("$NRG"):
            check(config, subject)

    patch.attribute(path, lax)


@fault("JS-CFG-039", "buckets belong to the server")
def no_buckets(patch: Patch) -> None:
    """What begins with a dollar isn't for all."""
    path = f"{CAPTURING}:RESERVED"
    more = ((b"$KV.>", b"$JS.EVENT.>", "jetstream"), (b"$O.>", b"$JS.EVENT.>", "jetstream"))
    patch.attribute(path, patch.original(path) + more)


@fault("JS-CFG-042", "a republish without src is told as it came")
def no_source(patch: Patch) -> None:
    """It means all."""

    def bare(before: StreamConfig, now: StreamConfig) -> StreamConfig:
        if before.republish and not before.republish.src and now.republish:
            return replace(now, republish=replace(now.republish, src=""))
        return now

    after(patch, "check_republish", bare)


@fault("JS-CFG-043", "a republish of everything to everything is always a cycle")
def always_a_cycle(patch: Patch) -> None:
    """Transformed or not."""

    def changed(step: Step) -> Step:
        def plain(config: StreamConfig, context: Context) -> StreamConfig:
            found = step(replace(config, subject_transform=None), context)
            return replace(found, subject_transform=config.subject_transform)

        return plain

    stepped(patch, "check_republish", changed)


# ---- Mirrors and sources ---------------------------------------------------------------

ORIGINS = "nats_reference.jetstream.config.origins"


def mirrored_with(patch: Patch, name: str) -> None:
    """Let a mirror have this member."""
    path = f"{ORIGINS}:NOT_MIRRORED"
    patch.attribute(path, tuple(row for row in patch.original(path) if row[0] != name))


@fault("JS-CFG-045", "a mirror may have sources")
def mirror_and_sources(patch: Patch) -> None:
    """They all come to one."""
    mirrored_with(patch, "sources")


@fault("JS-CFG-045/atomic", "a mirror may take batches")
def mirror_and_batches(patch: Patch) -> None:
    """Nobody can publish them."""
    mirrored_with(patch, "allow_atomic")


@fault("JS-CFG-015", "a mirror may begin with another number")
def mirror_from(patch: Patch) -> None:
    """It has those of its origin."""
    mirrored_with(patch, "first_seq")


@fault("JS-CFG-047", "an origin must be there")
def there(patch: Patch) -> None:
    """How else should it be copied?"""

    def changed(step: Step) -> Step:
        def known(config: StreamConfig, context: Context) -> StreamConfig:
            named = [config.mirror, *config.sources] if config.mirror else config.sources
            for origin in named:
                if origin["name"] not in context.streams and "external" not in origin:
                    raise ApiError(10059)
            return step(config, context)

        return known

    stepped(patch, "check_cycles", changed)


@fault("JS-CFG-050", "a filter may be anything")
def any_filter(patch: Patch) -> None:
    """It matches nothing then."""
    patch.attribute(f"{ORIGINS}:check_filters", lambda _config: None)


@fault("JS-CFG-051", "one start excludes the other")
def one_start(patch: Patch) -> None:
    """As the table of errors has it."""

    def refused(before: StreamConfig, now: StreamConfig) -> StreamConfig:
        for origin in [before.mirror] if before.mirror else before.sources:
            if origin.get("opt_start_seq") and origin.get("opt_start_time"):
                raise ApiError(10052, err="both a sequence and a time to start with")
        return now

    after(patch, "check_cycles", refused)


@fault("JS-CFG-052/filter", "one stream may be a source once only")
def once_only(patch: Patch) -> None:
    """Whatever the filters are."""
    patch.attribute(f"{ORIGINS}:identity", patch.original(f"{ORIGINS}:place"))


@fault("JS-CFG-056", "a consumer of an origin need not be whole")
def half_a_consumer(patch: Patch) -> None:
    """What is missing will be found."""
    patch.attribute(f"{ORIGINS}:check_consumer", lambda _origin, _err_code: None)


@fault("JS-CFG-058", "a mirror answers direct gets as it says")
def own_answer(patch: Patch) -> None:
    """Not as its origin does."""
    after(
        patch,
        "check_mirror",
        lambda before, now: replace(now, mirror_direct=before.mirror_direct),
    )
