"""Files of streams that are damaged while their server is away (JS-LIM-027, JS-LIM-046 .. JS-LIM-049).

Where a message lies in a file is found by its text, so this asks nothing of the format but
that messages are in it as they are.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from nats_conformance.cases import Mismatch, Nats, case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats_conformance.jetstream import JetStream

#: Messages of each stream; the middle one is damaged.
COUNT: Final = 50
_MIDDLE: Final = 25


#: What is done to the bytes of a file; the payload of the middle message begins at a place.
Damage: TypeAlias = "Callable[[bytearray, int], None]"


def _cut(data: bytearray, at: int, count: int) -> None:
    del data[at : at + count]


def _flip(data: bytearray, at: int, bit: int = 1) -> None:
    data[at] ^= bit


def _zero(data: bytearray, at: int, count: int) -> None:
    data[at : at + count] = bytes(count)


DAMAGES: Final[dict[str, Damage]] = {
    "payload": lambda data, at: _flip(data, at + 20),
    "subject": lambda data, at: _flip(data, at - 1),
    "before": lambda data, at: _flip(data, at - 10),
    "cut": lambda data, at: _cut(data, at, 7),
    "tail": lambda data, at: _cut(data, max(len(data) - 30, at), 30),
    "zeros": lambda data, at: _zero(data, at, 40),
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """A stream whose file was damaged while its server was away."""

    name: str
    #: The files that were changed.
    files: tuple[str, ...]


def payload(stream: str, seq: int) -> bytes:
    """What message `seq` says: nothing else in the store says the same."""
    return b"%b message %d " % (stream.encode(), seq) + bytes([97 + seq % 26]) * 90


def damaged(
    nats: Nats, signal: str, kinds: Mapping[str, Damage] = DAMAGES
) -> tuple[JetStream, list[Damaged]]:
    """End the server, damage the file of one stream for each kind, and start it again."""
    js = nats.jetstream()
    streams = {kind: nats.name("D") for kind in kinds}
    for name in streams.values():
        js.create(name, subjects=[f"{name}.*"], storage="file")
        for seq in range(1, COUNT + 1):
            js.publish(f"{name}.{seq % 5}", payload(name, seq))
    nats.server.signal(signal)
    nats.server.wait()
    found = []
    for kind, name in streams.items():
        touched = []
        mark = payload(name, _MIDDLE)
        for file in nats.server.store.rglob("*"):
            data = bytearray(file.read_bytes() if file.is_file() else b"")
            at = data.find(mark)
            if at >= 0:
                kinds[kind](data, at)
                file.write_bytes(data)
                touched.append(file.name)
        if not touched:
            nats.untestable("no file of the store has the messages as they are")
        found.append(Damaged(name, tuple(touched)))
    nats.server.restart("kill")
    return nats.jetstream(), found


def served(js: JetStream, stream: str) -> dict[int, tuple[str, bytes]]:
    """Subject and payload of whatever is served under each sequence."""
    found = {}
    for seq in range(1, COUNT + 1):
        answer = js.answer(f"STREAM.MSG.GET.{stream}", {"seq": seq})
        if "message" in answer:
            message = answer["message"]
            found[seq] = (message["subject"], base64.b64decode(message.get("data", "")))
    return found


@case("JS-LIM-046", config="crash", private=True)
def test_of_a_damaged_file_only_what_was_stored_is_served(nats: Nats) -> None:
    for signal in ("term", "kill"):
        js, streams = damaged(nats, signal)
        for stream in streams:
            for seq, got in served(js, stream.name).items():
                stored = (f"{stream.name}.{seq % 5}", payload(stream.name, seq))
                if got != stored:
                    raise Mismatch(f"message {seq} is another", f"{stored}", f"{got}")
        js.request("INFO")


@case("JS-LIM-047", config="crash", private=True)
def test_the_log_names_the_damaged_file(nats: Nats) -> None:
    for signal in ("term", "kill"):
        js, streams = damaged(nats, signal)
        for stream in streams:
            if len(served(js, stream.name)) < COUNT:
                named = [
                    line
                    for line in nats.server.log().splitlines()
                    if stream.name in line and any(file in line for file in stream.files)
                ]
                if not named:
                    raise Mismatch("messages are missing", "the file's name in the log", "nothing")


@case("JS-LIM-048", config="crash", private=True)
def test_sequences_of_lost_messages_are_not_given_again(nats: Nats) -> None:
    for signal in ("term", "kill"):
        js, streams = damaged(nats, signal)
        for stream in streams:
            message = js.ask(f"{stream.name}.1", "one more")
            if message.status is None and "error" not in message.json:
                seq = message.json["seq"]
                assert seq > COUNT, f"{seq} is the sequence of another message"


def _flipped_before(offset: int) -> Damage:
    return lambda data, at: _flip(data, at - offset, 16)


@case("JS-LIM-049", config="crash", private=True, waits=True)
def test_no_changed_bit_keeps_the_server_from_starting(nats: Nats) -> None:
    before = {f"{offset} before": _flipped_before(offset) for offset in range(1, 40, 3)}
    nats.server.hurry(8)
    js, _ = damaged(nats, "term", before)
    js.request("INFO")


@case("JS-LIM-027", config="crash", private=True)
def test_what_was_lost_is_told_in_the_state(nats: Nats) -> None:
    js, streams = damaged(nats, "kill")
    details = {"deleted_details": True}
    infos = [js.answer(f"STREAM.INFO.{stream.name}", details) for stream in streams]
    lost = [info["state"].get("lost") for info in infos if "state" in info]
    assert any(each and each["bytes"] > 0 for each in lost)
