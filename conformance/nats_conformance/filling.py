"""How most cases of consumers begin: a stream with messages, and a consumer on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .consuming import Consumer
    from .jetstream import JetStream


def filled(js: JetStream, count: int, payload: str | None = None, **config: Any) -> Consumer:  # noqa: ANN401 - JSON
    """A consumer of a stream with so many messages: "0", "1", … or each the same."""
    stream = js.create()
    for number in range(count):
        js.publish(stream, f"{number}" if payload is None else payload)
    return js.consumer(stream, **config)


def lettered(js: JetStream, letters: str, **config: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """A stream with one message for each letter, on `WORD.LETTER`; the stream and the word."""
    word = js.name("foo")
    stream = js.create(subjects=[f"{word}.*"], **config)
    for letter in letters:
        js.publish(f"{word}.{letter}", letter)
    return stream, word


def floor(consumer: Consumer) -> tuple[int, int, int]:
    """The ack floor, consumer and stream sequence, and how many messages are outstanding."""
    info = consumer.info()
    pair = info["ack_floor"]
    return pair["consumer_seq"], pair["stream_seq"], info["num_ack_pending"]
