"""Faults of chapter 110: streams are created, told of and deleted."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.jetstream_api import API, endpoint
from nats_reference.faults.stream_config import CHECKING, METADATA, after
from nats_reference.faults.stream_updates import ACCOUNT
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.stream import Stream

STREAMS = f"{API}.streams"

Answer = dict[str, Any]


def configured(patch: Patch, change: Callable[[Request, StreamConfig], StreamConfig]) -> None:
    """Let `change` look at the configuration of a request first."""
    configuration = patch.original(f"{STREAMS}:configuration")

    def changed(request: Request, kind: str) -> tuple[StreamConfig, bool]:
        config, pedantic = configuration(request, kind)
        return change(request, config), pedantic

    patch.attribute(f"{STREAMS}:configuration", changed)


# ---- Creating ------------------------------------------------------------------------


@fault("JS-STREAM-001", "the name in the subject counts, whatever the request says")
def name_of_the_subject(patch: Patch) -> None:
    """It is there twice, after all."""
    configured(patch, lambda request, config: replace(config, name=request.names[0]))


@fault("JS-STREAM-002", "a name may have a slash")
def slashes(patch: Patch) -> None:
    """It is refused like all that is wrong with a name."""
    patch.attribute(f"{STREAMS}:PATH_SEPARATORS", re.compile(r"(?!)"))


@fault("JS-STREAM-003", "a name may have wildcards")
def wildcards(patch: Patch) -> None:
    """They are letters like others."""
    patch.grammar("jetstream", r"\f.*>\/", r"\f.\/")


@fault("JS-STREAM-003/long", "a name may be as long as one likes")
def long_names(patch: Patch) -> None:
    """Where there is room for it."""
    patch.attribute(f"{CHECKING}:MAX_NAME", 10_000)


@fault("JS-STREAM-003/ascii", "a name is ASCII")
def ascii_names(patch: Patch) -> None:
    """So that everybody can type it."""
    patch.grammar("jetstream", r"[^ \t\r\n\f.*>\/\\]+", "[!-)+-,0-=?-Z_a-~-]+")


@fault("JS-STREAM-004", "the answer does not tell that a stream was created")
def silent(patch: Patch) -> None:
    """Who asked knows it."""
    endpoint(patch, "stream_create", lambda _request, found: found | {"did_create": False})


@fault("JS-STREAM-005", "a stream can't be created again")
def once(patch: Patch) -> None:
    """It is there."""
    create = patch.original(f"{ACCOUNT}.create")

    def first(account: Any, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        if config.name in account.streams:
            raise ApiError(10058)
        return create(account, config, pedantic=pedantic)

    patch.attribute(f"{ACCOUNT}.create", first)


@fault("JS-STREAM-005/other", "creating a stream that is there leaves it as it is, in silence")
def as_it_is(patch: Patch) -> None:
    """Whatever was asked for."""
    create = patch.original(f"{ACCOUNT}.create")

    def lax(account: Any, config: StreamConfig, *, pedantic: bool) -> Any:  # noqa: ANN401
        return account.streams.get(config.name) or create(account, config, pedantic=pedantic)

    patch.attribute(f"{ACCOUNT}.create", lax)


@fault("JS-STREAM-006", "a configuration that was read is another one when it is sent back")
def kept(patch: Patch) -> None:
    """The version that was sent is kept."""
    required = patch.original(f"{METADATA}:required_level")
    name = patch.original(f"{METADATA}:REQUIRED")

    def stamped(config: StreamConfig) -> StreamConfig:
        return replace(config, metadata={**config.metadata, name: str(required(config))})

    patch.attribute(f"{METADATA}:stamped", stamped)


@fault("JS-STREAM-007", "a stream may be created sealed")
def born_sealed(patch: Patch) -> None:
    """And stay empty."""
    configured(
        patch,
        lambda request, config: (
            replace(config, sealed=False) if config.name not in request.account.streams else config
        ),
    )


@fault("JS-STREAM-008", "more replicas are taken for one")
def one_replica(patch: Patch) -> None:
    """There is one server."""
    after(patch, "replicas", lambda _before, now: replace(now, num_replicas=1))


@fault("JS-STREAM-008/negative", "less than no replicas is one")
def negative(patch: Patch) -> None:
    """What else?"""
    configured(
        patch, lambda _request, config: replace(config, num_replicas=max(config.num_replicas, 0))
    )


@fault("JS-STREAM-011", "a client may say which level a stream needs")
def level_of_the_client(patch: Patch) -> None:
    """It knows best."""
    own = patch.original(f"{METADATA}:own")
    required = patch.original(f"{METADATA}:required_level")
    patch.attribute(f"{METADATA}:stamped", lambda config: config)
    patch.attribute(
        f"{METADATA}:shown", lambda config: own(required(config)) | dict(config.metadata)
    )


# ---- Telling -------------------------------------------------------------------------


@fault("JS-STREAM-009", "a single server has no leader")
def leaderless(patch: Patch) -> None:
    """It is no cluster."""
    endpoint(
        patch,
        "stream_info",
        lambda _request, found: {k: v for k, v in found.items() if k != "cluster"},
    )


@fault("JS-STREAM-010", "STREAM.LIST tells the server's version with each stream")
def versions(patch: Patch) -> None:
    """As STREAM.INFO does."""
    listed = patch.original(f"{STREAMS}:listed")
    shown = patch.original(f"{METADATA}:shown")

    def more(request: Request, stream: Stream) -> Answer:
        found: Answer = listed(request, stream)
        return found | {"config": found["config"] | {"metadata": shown(stream.config)}}

    patch.attribute(f"{STREAMS}:listed", more)


def counted(patch: Patch, change: Callable[[str, int], tuple[str, int]]) -> None:
    """Let `change` decide for which filter and offset subjects are told."""
    subjects = patch.original(f"{STREAMS}:subjects")
    patch.attribute(
        f"{STREAMS}:subjects",
        lambda stream, pattern, offset: subjects(stream, *change(pattern, offset)),
    )


@fault("JS-STREAM-012", "all subjects are told, whatever the filter")
def all_subjects(patch: Patch) -> None:
    """One can choose."""
    counted(patch, lambda _pattern, offset: (">", offset))


@fault("JS-STREAM-013", "subjects come in the order of their first message")
def unsorted(patch: Patch) -> None:
    """As they are kept."""
    subjects = patch.original(f"{STREAMS}:subjects")

    def turned(stream: Stream, pattern: str, offset: int) -> tuple[Answer, dict[str, int]]:
        said, counts = subjects(stream, pattern, offset)
        return said, dict(reversed(counts.items()))

    patch.attribute(f"{STREAMS}:subjects", turned)


@fault("JS-STREAM-013/offset", "an offset beyond the end of the subjects is told as the end")
def clamped(patch: Patch) -> None:
    """As in the list of streams."""
    subjects = patch.original(f"{STREAMS}:subjects")

    def at_most(stream: Stream, pattern: str, offset: int) -> tuple[Answer, dict[str, int]]:
        said, counts = subjects(stream, pattern, offset)
        return said | {"offset": min(offset, said["total"])}, counts

    patch.attribute(f"{STREAMS}:subjects", at_most)


@fault("JS-STREAM-014", "deleted sequences come with the last one first")
def last_first(patch: Patch) -> None:
    """Those are the news."""

    def turned(_request: Request, found: Answer) -> Answer:
        state = found["state"]
        if "deleted" in state:
            state["deleted"].reverse()
        return found

    endpoint(patch, "stream_info", turned)


@fault("JS-STREAM-014/always", "deleted sequences are always told")
def always_told(patch: Patch) -> None:
    """They are of interest."""
    state = patch.original(f"{API}.answers:state")
    patch.attribute(
        f"{API}.answers:state",
        lambda account, stream, **asked: state(account, stream, **(asked | {"deleted": True})),
    )


# ---- None, and no longer -----------------------------------------------------------------


@fault("JS-STREAM-015", "a stream that there isn't has no messages")
def no_messages(patch: Patch) -> None:
    """So none is found."""
    stream = patch.original(f"{ACCOUNT}.stream")

    def found(account: Any, name: str) -> Any:  # noqa: ANN401
        if name not in account.streams:
            raise ApiError(10037)
        return stream(account, name)

    patch.attribute(f"{ACCOUNT}.stream", found)


@fault("JS-STREAM-016", "a sealed stream can't be deleted")
def for_ever(patch: Patch) -> None:
    """Nothing can come or go."""
    delete = patch.original(f"{ACCOUNT}.delete")

    def unsealed(account: Any, name: str) -> None:  # noqa: ANN401
        if name in account.streams and account.streams[name].config.sealed:
            raise ApiError(10109)
        delete(account, name)

    patch.attribute(f"{ACCOUNT}.delete", unsealed)


@fault("JS-STREAM-016/subjects", "the subjects of a deleted stream are still heard")
def haunted(patch: Patch) -> None:
    """By nobody."""
    delete = patch.original(f"{ACCOUNT}.delete")
    release = patch.original("nats_reference.jetstream.outlet:Outlet.release")

    def half(account: Any, name: str) -> None:  # noqa: ANN401
        stream = account.streams.get(name)
        delete(account, name)
        for subject in stream.config.subjects:
            account.hear(subject.encode(), lambda *_message: True)
        release(account, stream)

    patch.attribute(f"{ACCOUNT}.delete", half)
