"""Faults of chapter 113, reading: STREAM.MSG.GET, and direct get of one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream

DIRECT = "nats_reference.jetstream.direct"
DISPATCH = "nats_reference.jetstream.api.dispatch"
MESSAGES = "nats_reference.jetstream.api.messages"

#: What a request asks for, by name.
Asked = dict[str, Any]


def existence_first(patch: Patch, endpoint: str) -> None:
    """Look for the stream before anything else."""
    endpoints = patch.original(f"{DISPATCH}:ENDPOINTS")
    handler = endpoints[endpoint].handler

    def hasty(request: Request) -> Asked:
        request.account.stream(request.names[0])
        answer: Asked = handler(request)
        return answer

    changed = endpoints[endpoint]._replace(handler=hasty)
    patch.attribute(f"{DISPATCH}:ENDPOINTS", endpoints | {endpoint: changed})


def misread(patch: Patch, path: str, change: Callable[[Asked], Asked]) -> None:
    """Let this function, of a stream and a request, see another request."""
    function = patch.original(path)
    patch.attribute(path, lambda stream, asked, *rest: function(stream, change(dict(asked)), *rest))


def without(*names: str) -> Callable[[Asked], Asked]:
    """The same request, without these."""
    return lambda asked: {name: value for name, value in asked.items() if name not in names}


def inclusive(time: str) -> str:
    """A nanosecond later, whatever the time."""
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return f"{seconds}.{int(fraction.ljust(9, '0')) + 1:09}Z"


# ---- STREAM.MSG.GET -----------------------------------------------------------------


@fault("JS-STREAM-033", "an empty payload is shown")
def empty_data(patch: Patch) -> None:
    """As an empty text."""
    shown = patch.original(f"{MESSAGES}:shown")

    def complete(record: Record, *, headers: bool) -> Asked:
        return {"data": "", **shown(record, headers=headers)}

    patch.attribute(f"{MESSAGES}:shown", complete)


@fault("JS-STREAM-034", "the next message of a subject is its first")
def always_the_first(patch: Patch) -> None:
    """STREAM.MSG.GET does not look at `seq` beside a subject."""
    selected = patch.original(f"{MESSAGES}:selected")

    def from_the_start(stream: Stream, asked: Asked) -> Record | None:
        changed = asked | {"seq": 0} if asked.get("next_by_subj") else asked
        record: Record | None = selected(stream, changed)
        return record

    patch.attribute(f"{MESSAGES}:selected", from_the_start)


@fault("JS-GET-001", "a message stored at the start time is too early")
def after_the_time(patch: Patch) -> None:
    """The start is outside."""
    misread(patch, f"{MESSAGES}:selected", later)


def later(asked: Asked) -> Asked:
    """The same request, a nanosecond later."""
    start = asked.get("start_time", "")
    return asked | {"start_time": inclusive(start)} if start.endswith("Z") else asked


def laxly(patch: Patch, condition: Callable[[Asked], bool], *, verdict: bool) -> None:
    """Judge requests of this kind so."""
    unambiguous = patch.original(f"{MESSAGES}:unambiguous")
    patch.attribute(
        f"{MESSAGES}:unambiguous",
        lambda asked: verdict if condition(asked) else unambiguous(asked),
    )


@fault("JS-STREAM-035", "the last of a subject is read although a sequence is given")
def last_wins(patch: Patch) -> None:
    """Two selectors are one too many."""
    laxly(patch, lambda asked: bool(asked.get("seq") and asked.get("last_by_subj")), verdict=True)


@fault("JS-GET-002", "STREAM.MSG.GET does not mind a batch")
def batch_of_one(patch: Patch) -> None:
    """And gives its first message."""
    laxly(patch, lambda asked: bool(asked.get("seq") and asked.get("batch")), verdict=True)


@fault("JS-GET-003", "a missing stream is told before a bad request")
def get_looks_first(patch: Patch) -> None:
    """The stream is looked for before the request is read."""
    existence_first(patch, "stream_msg_get")


@fault("JS-STREAM-036", "multi_last is one selector too many")
def multi_last_counts(patch: Patch) -> None:
    """It is not ignored."""
    laxly(patch, lambda asked: bool(asked.get("multi_last")), verdict=False)


@fault("JS-STREAM-037", "headers come although nobody wants them")
def unwanted_headers(patch: Patch) -> None:
    """`no_hdr` is not looked at."""
    shown = patch.original(f"{MESSAGES}:shown")
    patch.attribute(f"{MESSAGES}:shown", lambda record, *, headers: shown(record, headers=True))  # noqa: ARG005 - the arguments of what it replaces


@fault("JS-STREAM-038", "what is not there is the last message")
def something_anyway(patch: Patch) -> None:
    """Better than nothing."""
    selected = patch.original(f"{MESSAGES}:selected")
    patch.attribute(
        f"{MESSAGES}:selected", lambda stream, asked: selected(stream, asked) or stream.last(b">")
    )


# ---- Direct get of one message ------------------------------------------------------


@fault("JS-DIRECT-001", "every stream answers direct gets")
def always_direct(patch: Patch) -> None:
    """`allow_direct` is not looked at."""
    take = patch.original(f"{DIRECT}:take")

    def willing(account: Any, tokens: Any, *rest: Any, **options: Any) -> bool:  # noqa: ANN401 - handed on
        stream = account.streams.get(tokens[0].decode())
        if stream is None or stream.config.allow_direct:
            return bool(take(account, tokens, *rest, **options))
        given, stream.config = stream.config, replace(stream.config, allow_direct=True)
        try:
            return bool(take(account, tokens, *rest, **options))
        finally:
            stream.config = given

    patch.attribute(f"{DIRECT}:take", willing)


@fault("JS-DIRECT-002", "a message does not say its subject")
def nameless(patch: Patch) -> None:
    """The other three fields are there."""
    described = patch.original(f"{DIRECT}:described")

    def short(stream: Stream, record: Record, more: bytes = b"") -> bytes:
        block: bytes = described(stream, record, more)
        return block.replace(b"Nats-Subject: %b\r\n" % record.subject, b"")

    patch.attribute(f"{DIRECT}:described", short)


@fault("JS-DIRECT-003", "what is no JSON is a bad request")
def one_word_for_both(patch: Patch) -> None:
    """Malformed and bad are the same."""
    patch.attribute(f"{DIRECT}:MALFORMED", patch.original(f"{DIRECT}:BAD_REQUEST"))


@fault("JS-DIRECT-004", "the next message of a subject is its first")
def directly_the_first(patch: Patch) -> None:
    """Direct get does not look at `seq` beside a subject."""
    misread(
        patch,
        f"{DIRECT}:one",
        lambda asked: without("seq")(asked) if asked.get("next_by_subj") else asked,
    )


@fault("JS-DIRECT-021", "a message stored at the start time is too early")
def directly_after(patch: Patch) -> None:
    """The start is outside."""
    misread(patch, f"{DIRECT}:one", later)


@fault("JS-DIRECT-005", "a subject at the end may be any of many, and its first message comes")
def first_of_the_subject(patch: Patch) -> None:
    """As if it were `next_by_subj`."""
    misread(patch, f"{DIRECT}:one", first)


def first(asked: Asked) -> Asked:
    """The oldest message of a subject, not the newest."""
    if set(asked) != {"last_by_subj"}:
        return asked
    return {"next_by_subj": asked["last_by_subj"]}


@fault("JS-DIRECT-022", "a subject at the end and a body are too much")
def no_body(patch: Patch) -> None:
    """As before 2.12."""
    read = patch.original(f"{DIRECT}:read")

    def strict(tokens: Any, body: bytes, **options: Any) -> Asked:  # noqa: ANN401 - handed on
        asked: Asked = read(tokens, body, **options)
        if tokens[1:] and body:
            raise patch.original(f"{DIRECT}:Refused")(patch.original(f"{DIRECT}:BAD_REQUEST"))
        return asked

    patch.attribute(f"{DIRECT}:read", strict)


@fault("JS-DIRECT-017", "a batch keeps its headers")
def batches_keep_headers(patch: Patch) -> None:
    """`no_hdr` is for single messages."""
    misread(patch, f"{DIRECT}:batch", without("no_hdr"))


@fault("JS-DIRECT-018", "mirrors answer nobody who asks their origin")
def no_substitutes(patch: Patch) -> None:
    """They answer for themselves alone."""
    path = "nats_reference.jetstream.copying.copies:Copies.substitutes"
    patch.attribute(path, lambda _self, _name: [])
