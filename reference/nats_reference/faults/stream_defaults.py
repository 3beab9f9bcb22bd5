"""Faults of chapter 110: what a configuration comes to, and what it amounts to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.stream_config import (
    CHECKING,
    DECODING,
    METADATA,
    READING,
    SECOND,
    after,
    stepped,
)
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.faults.stream_config import Step
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context


# ---- Defaults ------------------------------------------------------------------------


@fault("JS-CFG-001", "streams are in memory unless they say otherwise")
def in_memory(patch: Patch) -> None:
    """It is faster."""
    from_json = patch.original(f"{READING}:from_json")
    path = f"{READING}:from_json"
    patch.attribute(path, lambda members: from_json({"storage": "memory", **members}))


@fault("JS-CFG-001/subjects", "streams with sources have their name as subject")
def always_a_subject(patch: Patch) -> None:
    """So that something can be published."""
    after(
        patch,
        "check_subjects",
        lambda _before, now: (
            now if now.subjects or now.mirror else replace(now, subjects=(now.name,))
        ),
    )


@fault("JS-CFG-002", "0 is kept as it is")
def zero_stays(patch: Patch) -> None:
    """It means no limit as well."""
    after(patch, "counts", lambda before, now: replace(now, max_msgs=before.max_msgs))


@fault("JS-CFG-066", "numbers below -1 are kept as they are")
def negative_stays(patch: Patch) -> None:
    """As before 2.12."""
    after(
        patch,
        "counts",
        lambda before, now: replace(now, max_msgs=min(before.max_msgs, now.max_msgs)),
    )


@fault("JS-CFG-004", "words are known in any letter case")
def any_case(patch: Patch) -> None:
    """As discard is."""
    readers = patch.original(f"{DECODING}:READERS")
    choice = readers["choice"]

    def lax(strict: bool, member: Any, value: object, before: object) -> object:  # noqa: ANN401 - as there
        return choice(strict, member, value.lower() if isinstance(value, str) else value, before)

    patch.attribute(f"{DECODING}:READERS", readers | {"choice": lax})


@fault("JS-CFG-067", "the default of persist_mode is told")
def default_told(patch: Patch) -> None:
    """Like all others."""
    as_json = patch.original(f"{READING}:as_json")
    patch.attribute(
        f"{READING}:as_json",
        lambda config: as_json(config) | {"persist_mode": config.persist_mode},
    )


@fault("JS-CFG-007", "the window of duplicates does not mind the age")
def own_window(patch: Patch) -> None:
    """It is two minutes."""
    patch.attribute(f"{CHECKING}:default_window", lambda _config, _context: 120 * SECOND)


@fault("JS-CFG-007/mirror", "a mirror has a window of duplicates")
def window_of_mirrors(patch: Patch) -> None:
    """Like any stream."""
    after(
        patch,
        "ages",
        lambda _before, now: (
            replace(now, duplicate_window=120 * SECOND)
            if now.mirror and not now.duplicate_window
            else now
        ),
    )


@fault("JS-CFG-079", "what the server remembers at most is not looked at")
def long_memory(patch: Patch) -> None:
    """It is in a file that nobody reads."""

    def changed(step: Step) -> Step:
        return lambda config, context: step(config, replace(context, max_duplicate_window=0))

    stepped(patch, "ages", changed)


@fault("JS-CFG-080", "pedantic servers lower a window to what they remember")
def lowered(patch: Patch) -> None:
    """It can't be more."""

    def changed(step: Step) -> Step:
        def lax(config: StreamConfig, context: Context) -> StreamConfig:
            asked = context.pedantic and not config.max_age
            return step(config, replace(context, pedantic=False) if asked else context)

        return lax

    stepped(patch, "ages", changed)


@fault("JS-CFG-068", "a stream with sources has a window of duplicates")
def window_of_sources(patch: Patch) -> None:
    """As before 2.14."""
    after(
        patch,
        "ages",
        lambda _before, now: (
            replace(now, duplicate_window=120 * SECOND)
            if now.sources and not now.duplicate_window
            else now
        ),
    )


@fault("JS-CFG-033", "a single server refuses placement")
def nowhere_else(patch: Patch) -> None:
    """There is one place only."""

    def refused(before: StreamConfig, now: StreamConfig) -> StreamConfig:
        if before.placement:
            raise ApiError(10052, err="no suitable peers for placement")
        return now

    after(patch, "placement", refused)


@fault("JS-CFG-014", "first_seq is told and without effect")
def from_one(patch: Patch) -> None:
    """Numbers begin with 1."""
    create = patch.original("nats_reference.jetstream.keeping:create")

    def first(config: StreamConfig, host: Any, directory: Any) -> Any:  # noqa: ANN401 - as there
        stream = create(replace(config, first_seq=0), host, directory)
        stream.config = config
        return stream

    patch.attribute("nats_reference.jetstream.keeping:create", first)


# ---- Levels --------------------------------------------------------------------------


@fault("JS-CFG-061", "batches need no level")
def old_batches(patch: Patch) -> None:
    """Any server can keep their messages."""
    levels = patch.original(f"{METADATA}:LEVELS")
    patch.attribute(f"{METADATA}:LEVELS", tuple(row for row in levels if row[0] != "allow_atomic"))


@fault("JS-CFG-071", "fast batches need level 3")
def level_3(patch: Patch) -> None:
    """As the ADR says."""
    levels = patch.original(f"{METADATA}:LEVELS")
    changed = [(name, 3 if name == "allow_batched" else level) for name, level in levels]
    patch.attribute(f"{METADATA}:LEVELS", tuple(changed))


@fault("JS-CFG-057", "a consumer of an origin needs level 4")
def level_of_consumers(patch: Patch) -> None:
    """It is as young as that."""
    required = patch.original(f"{METADATA}:required_level")

    def higher(config: StreamConfig) -> int:
        origins = [config.mirror or {}, *config.sources]
        return 4 if any("consumer" in each for each in origins) else int(required(config))

    patch.attribute(f"{METADATA}:required_level", higher)


# ---- Sizes ---------------------------------------------------------------------------


@fault("JS-CFG-008", "max_bytes reserves nothing")
def nothing_reserved(patch: Patch) -> None:
    """It is a limit only."""
    patch.attribute("nats_reference.jetstream.limits:reservation", lambda _config: 0)


@fault("JS-CFG-032", "compressed streams tell fewer bytes")
def fewer_bytes(patch: Patch) -> None:
    """As many as there are in the file."""
    path = "nats_reference.jetstream.api.answers:state"
    state = patch.original(path)

    def smaller(account: Any, stream: Any, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as there
        found: dict[str, Any] = state(account, stream, **asked)
        share = 2 if stream.config.compression == "s2" else 1
        return found | {"bytes": found["bytes"] // share}

    patch.attribute(path, smaller)


@fault("JS-CFG-062", "a stream may have any number of consumers")
def many_consumers(patch: Patch) -> None:
    """max_consumers is told only."""
    as_is = patch.original(f"{READING}:from_json")

    def unlimited(members: Mapping[str, Any]) -> StreamConfig:
        config: StreamConfig = as_is(members)
        return replace(config, max_consumers=0)

    patch.attribute(f"{READING}:from_json", unlimited)


@fault("JS-CFG-063", "refusals are told in spite of no_ack")
def told_anyhow(patch: Patch) -> None:
    """They are no acknowledgements."""
    path = "nats_reference.jetstream.publishing:Round.answer"
    answer = patch.original(path)

    def louder(round_: Any, publication: Any, payload: bytes) -> None:  # noqa: ANN401 - as there
        config = round_.config
        if b'"error"' in payload:
            round_.config = replace(config, no_ack=False)
        answer(round_, publication, payload)
        round_.config = config

    patch.attribute(path, louder)
