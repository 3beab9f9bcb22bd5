"""A client that consumes while its server is killed: what it got, and which acknowledgements held.

It acknowledges one message after the other, each only when the answer to the one before has
come. The kill comes from another thread, some moment after the first answer; answers that
were on their way still count.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from .consuming import Consumer, Delivery, delivered
from .message import as_message

if TYPE_CHECKING:
    from .fixture import Nats
    from .jetstream import JetStream
    from .message import Message


class Acknowledging:
    """One consumer's client, over as many servers as it takes."""

    def __init__(self, nats: Nats, stream: str, name: str, batch: int) -> None:
        """`batch`: how many messages are asked for at a time."""
        self._nats = nats
        self._stream = stream
        self._name = name
        self._batch = batch
        #: The sequences whose acknowledgement was answered.
        self.acked: set[int] = set()
        #: Those that were acknowledged, answered or not.
        self.said: set[int] = set()
        #: Those that came once more after the answer.
        self.again: set[int] = set()
        self._asked: tuple[str, int] = ("", 0)

    def consume(self, js: JetStream, seconds: float) -> None:
        """Pull and acknowledge until the server is killed after so many seconds."""
        connection, came = js.connection, deque[Delivery]()
        timer = self._nats.server.killer(seconds)
        wanted = 0
        self._asked = ("", 0)
        before = len(self.acked)
        try:
            while not connection.ended:
                if not wanted:
                    Consumer(js, self._stream, self._name).pull(self._batch)
                    wanted = self._batch
                if not connection.frames:
                    connection.pump("a message, an answer, or the end")
                while connection.frames:
                    message = as_message(connection.frames.popleft().operation)
                    if not self._answered(message):
                        came.append(self._noted(message))
                        wanted -= 1
                if came and not self._asked[0]:
                    self._acknowledge(js, came.popleft())
                if len(self.acked) > before and timer.ident is None:
                    timer.start()
        finally:
            timer.cancel()

    def drain(self, js: JetStream, seconds: float) -> None:
        """Take and acknowledge what is left, until nothing is to come, or nothing comes so long."""
        consumer = Consumer(js, self._stream, self._name)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for each in consumer.pull(100, no_wait=True).all().deliveries:
                self._noted(each.message)
                consumer.answer(each)
                self.acked.add(each.seq)
                self.said.add(each.seq)
                ends = time.monotonic() + seconds
            info = consumer.info()
            if not info["num_pending"] and not info["num_ack_pending"]:
                return
            time.sleep(0.02)

    def _noted(self, message: Message) -> Delivery:
        came = delivered(message)
        if came.seq in self.acked:
            self.again.add(came.seq)
        return came

    def _acknowledge(self, js: JetStream, came: Delivery) -> None:
        inbox = js.inbox()
        self._asked = (inbox, came.seq)
        self.said.add(came.seq)
        js.connection.send(f"PUB {came.reply} {inbox} 4\r\n+ACK\r\n")

    def _answered(self, message: Message) -> bool:
        inbox, seq = self._asked
        if message.subject != inbox:
            return False
        self.acked.add(seq)
        self._asked = ("", 0)
        return True
