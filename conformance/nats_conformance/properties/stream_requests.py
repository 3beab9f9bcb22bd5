"""What a random user asks of streams: configurations, messages, purges; and how it is spelled.

Values are drawn without knowledge of the streams (`"right"`, `"stale"`, an offset) and become
definite against the model at the moment of asking, so that each choice meets its case often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from nats_spec.headers import HeaderBlock
from nats_spec.model import stream as model
from nats_spec.model.stream_account import capturing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_spec.model.stream_account import Account

SLOTS: Final = ("one", "two", "three")

#: What each stream hears at first: nothing in common, and one subject that nobody hears.
HOME: Final = {"one": ("a.*",), "two": ("b.>",), "three": ("c", "d.*.x")}
SUBJECTS: Final = ("a.1", "a.2", "a.1", "b.1", "b.2.x", "c", "d.1.x", "nobody")
PATTERNS: Final = ("a.*", "a.1", "b.>", "c", ">", "d.*.x", "*", "a..b")

_limits: Final = {
    "max_msgs": st.sampled_from((-1, -1, -1, 2, 4, 6)),
    "max_bytes": st.sampled_from((-1, -1, -1, 120, 250, 400)),
    "max_msgs_per_subject": st.sampled_from((-1, -1, 1, 2, 3)),
    "max_msg_size": st.sampled_from((-1, -1, -1, -1, 80)),
    "discard_new": st.sampled_from((False, False, True)),
    "discard_new_per_subject": st.booleans(),
    "allow_rollup": st.sampled_from((True, True, False)),
}

elsewhere = st.lists(
    st.sampled_from(("a.1", "a.>", "b.*", "b.1", "c", "d.>", "e", ">")),
    min_size=1,
    max_size=1,
).map(tuple)

_configs = st.fixed_dictionaries(
    {
        **_limits,
        "file": st.booleans(),
        "deny_delete": st.sampled_from((False,) * 5 + (True,)),
        "deny_purge": st.sampled_from((False,) * 5 + (True,)),
    }
)
#: A stream that replaces what it has for a subject although it is full, and refuses all else.
_REPLACES: Final = {"max_msgs": 2, "max_msgs_per_subject": 1, "discard_new": True}

configs = st.sampled_from(({}, {}, {}, {}, _REPLACES)).flatmap(
    lambda preset: _configs.map(lambda drawn: drawn | preset)
)
#: An update that leaves little.
_SHRINKS: Final = {"max_msgs": 1, "discard_new": False}
_SHRINKS_BOTH: Final = {"max_msgs": 3, "max_msgs_per_subject": 1, "discard_new": False}

NO_LIMITS: Final = {"max_msgs": -1, "max_bytes": -1, "max_msgs_per_subject": -1}

_changes = st.fixed_dictionaries(
    {},
    optional={**_limits, "sealed": st.sampled_from((False,) * 7 + (True,))},
)
changes = st.sampled_from((NO_LIMITS, {}, _SHRINKS, _SHRINKS_BOTH)).flatmap(
    lambda preset: _changes.map(lambda drawn: drawn | preset)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is definite."""

    subject: str
    length: int
    #: Header name, and what its value should be to the stream.
    fields: tuple[tuple[str, str], ...]


_EXPECTATIONS: Final = ("right", "right", "stale", "0", "-1", "abc", "")

_fields = st.one_of(
    st.tuples(st.just("Nats-Msg-Id"), st.sampled_from(("i", "j", "k", ""))),
    st.tuples(st.just("Nats-Msg-Id"), st.sampled_from(("i", "j", "k"))),
    st.tuples(st.just("Nats-Rollup"), st.sampled_from(("sub", "SUB", "all", "sub", "some", ""))),
    st.tuples(st.just("Nats-Expected-Stream"), st.sampled_from(("right", "right", "stale", ""))),
    st.tuples(st.just("Nats-Expected-Last-Sequence"), st.sampled_from(_EXPECTATIONS)),
    st.tuples(st.just("Nats-Expected-Last-Subject-Sequence"), st.sampled_from(_EXPECTATIONS)),
    st.tuples(
        st.just("Nats-Expected-Last-Subject-Sequence-Subject"), st.sampled_from(PATTERNS[:-1])
    ),
    st.tuples(st.just("Nats-Expected-Last-Msg-Id"), st.sampled_from(("right", "stale", "i", ""))),
    st.tuples(st.just("nats-msg-id"), st.just("i")),
    st.tuples(st.just("Other"), st.just("x" * 30)),
)
drafts = st.builds(
    Draft,
    st.sampled_from(SUBJECTS),
    st.sampled_from((0, 1, 5, 40, 90)),
    st.just(())
    | _fields.map(lambda field: (field,))
    | st.lists(_fields, max_size=3, unique_by=lambda field: field[0]).map(tuple),
)


@dataclass(frozen=True, slots=True)
class Purge:
    """A purge before it is definite."""

    pattern: str | None
    #: From the first sequence on.
    below: int | None
    keep: int | None


_purges = st.builds(
    Purge,
    st.sampled_from((None, None, *PATTERNS)),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(1, 3),
)
# Both at once is an error: seldom.
purges = st.one_of(
    _purges.map(lambda drawn: replace(drawn, keep=None)),
    _purges.map(lambda drawn: replace(drawn, below=None)),
    _purges.map(lambda drawn: replace(drawn, below=None, keep=None)),
    _purges,
)


def valid(config: model.Config) -> model.Config:
    """The nearest configuration that no server refuses for its own sake."""
    per_subject = config.discard_new and config.max_msgs_per_subject > 0
    return replace(
        config,
        discard_new_per_subject=config.discard_new_per_subject and per_subject,
        allow_rollup=config.allow_rollup and not config.deny_purge,
    )


def request(config: model.Config) -> dict[str, Any]:
    """The body of CREATE or UPDATE."""
    return {
        "name": config.name,
        "subjects": [subject.decode() for subject in config.subjects],
        "storage": "file" if config.file else "memory",
        "max_msgs": config.max_msgs,
        "max_bytes": config.max_bytes,
        "max_msgs_per_subject": config.max_msgs_per_subject,
        "max_msg_size": config.max_msg_size,
        "duplicate_window": config.duplicate_window,
        "discard": "new" if config.discard_new else "old",
        "discard_new_per_subject": config.discard_new_per_subject,
        "allow_rollup_hdrs": config.allow_rollup,
        "deny_delete": config.deny_delete,
        "deny_purge": config.deny_purge,
        "sealed": config.sealed,
    }


def message(draft: Draft, account: Account, prefix: str, number: int) -> model.Message:
    """The definite message; its payload begins with `number`, so that none equals another."""
    subject = (prefix + draft.subject).encode()
    name = capturing(account, subject)
    stream = account[name] if name else model.Stream(model.Config("none", ()))
    fields = dict(draft.fields)
    checked = fields.get("Nats-Expected-Last-Subject-Sequence-Subject")
    pattern = (prefix + checked).encode() if checked else subject
    newest = model.last_by_subject(stream, pattern)
    right = {
        "Nats-Expected-Stream": stream.config.name,
        "Nats-Expected-Last-Sequence": str(stream.last),
        "Nats-Expected-Last-Subject-Sequence": str(newest.seq if newest else 0),
        "Nats-Expected-Last-Msg-Id": stream.last_id.decode(),
    }
    if checked:
        fields["Nats-Expected-Last-Subject-Sequence-Subject"] = pattern.decode()
    written = tuple(
        (key.encode(), _value(value, right.get(key, "")).encode()) for key, value in fields.items()
    )
    block = HeaderBlock(fields=written).encode() if written else b""
    payload = b"%d:" % number + b"x" * draft.length
    return model.Message(subject, payload, block)


def _value(wanted: str, right: str) -> str:
    if wanted == "stale":
        return str(int(right) + 7) if right.isdigit() else "another"
    return right if wanted == "right" else wanted


def purge(
    drawn: Purge, stream: model.Stream, prefix: str, release: tuple[int, ...]
) -> Mapping[str, Any]:
    """The body of the purge; before 2.14 sequence 1 was no sequence."""
    body: dict[str, Any] = {}
    if drawn.pattern is not None:
        body["filter"] = prefix + drawn.pattern if drawn.pattern != ">" else ">"
    if drawn.below is not None:
        seq = stream.first + drawn.below
        if drawn.pattern in (None, ">") and max(stream.messages, default=0) < seq:
            # Releases number a stream wrongly that is emptied below its end: JS-PURGE-004.
            seq = max(seq, stream.last + 1)
        body["seq"] = 2 if seq == 1 and release < (2, 14) else seq
    if drawn.keep is not None:
        body["keep"] = drawn.keep
    return body


def written(message: model.Message, reply: bytes) -> bytes:
    """The publish of a message, as it goes over the wire."""
    total = len(message.block) + len(message.payload)
    if message.block:
        line = b"HPUB %b %b %d %d" % (message.subject, reply, len(message.block), total)
    else:
        line = b"PUB %b %b %d" % (message.subject, reply, total)
    return b"%b\r\n%b%b\r\n" % (line, message.block, message.payload)
