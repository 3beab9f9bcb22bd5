"""A stream with known messages, for the cases that read and remove.

    seq      1    2    3    4    5    6      7      8
    subject  a    b    c    a    b    x.y    x.z    c        below a prefix of its own
    payload  m1   m2   m3   m4   m5   m6     m7     m8

Message 2 has the header `X: 1`. Tables of cases write `.a` for a subject and `@4`
for the time of message 4; `Sample.filled` puts in what they stand for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .fixture import Nats
    from .jetstream import JetStream
    from .message import Body

#: Both kinds of storage; what is read must not depend on them.
STORAGES: Final = ("memory", "file")
#: The words of the subjects, in order of sequence.
WORDS: Final = ("a", "b", "c", "a", "b", "x.y", "x.z", "c")
#: The one with a header.
WITH_HEADER: Final = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """The stream, and who made it."""

    js: JetStream
    stream: str
    prefix: str

    def subject(self, word: str) -> str:
        """The subject that ends in `word`."""
        return f"{self.prefix}.{word}"

    def time(self, seq: int) -> str:
        """When this message was stored."""
        return str(self.js.stored(self.stream, seq=seq)["time"])

    def filled(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The same with prefix and times put in; what is no object or list stays."""
        if isinstance(value, str) and value.startswith("."):
            return self.prefix + value
        if isinstance(value, str) and value.startswith("@"):
            return self.time(int(value[1:]))
        if isinstance(value, dict):
            return {key: self.filled(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.filled(member) for member in value]
        return value

    def body(self, written: Body) -> Body:
        """A request as a table writes it."""
        filled: Body = self.filled(written) if isinstance(written, dict) else written
        return filled

    def remove(self, *sequences: int) -> None:
        """Delete these messages."""
        for seq in sequences:
            self.js.request(f"STREAM.MSG.DELETE.{self.stream}", {"seq": seq})

    def state(self) -> dict[str, Any]:
        """The state, with the deleted sequences."""
        return self.js.state(self.stream, deleted_details=True)


def sample(
    nats: Nats,
    storage: str = "memory",
    *,
    at_once: bool = False,
    **config: Any,  # noqa: ANN401 - JSON
) -> Sample:
    """Make one; the stream goes when the case ends.

    Args:
        nats: the case's.
        storage: the kind of storage.
        at_once: publish without waiting: sooner done, but several may have one time.
        config: more of the stream's configuration.
    """
    js, prefix = nats.jetstream(), nats.name("log")
    stream = js.create(subjects=[f"{prefix}.>"], storage=storage, **config)
    for seq, word in enumerate(WORDS, 1):
        headers: Mapping[str, str] | None = {"X": "1"} if seq == WITH_HEADER else None
        publish = js.send if at_once and seq < len(WORDS) else js.publish
        publish(f"{prefix}.{word}", f"m{seq}", headers)
    return Sample(js, stream, prefix)
