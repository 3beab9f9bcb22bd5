"""One consumer: its configuration, its progress, and the parts that move it.

What is to be delivered is found by delivering.py, to whom by pulling.py or
pushing.py; acknowledging.py takes answers, redelivering.py minds the clock. All of
them say what they have to say into the group's outbox, which is sent when what
they changed is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.addressing import octets
from nats_reference.jetstream.consumer import checks
from nats_reference.jetstream.consumer.counting import Backlog
from nats_reference.jetstream.consumer.newest import Newest
from nats_reference.jetstream.consumer.progress import Progress
from nats_reference.jetstream.consumer.pulls import Waiting
from nats_reference.jetstream.consumer.window import Rate, Window

if TYPE_CHECKING:
    from nats_reference.clock import Timer
    from nats_reference.jetstream.consumer.config import ConsumerConfig
    from nats_reference.jetstream.consumer.group import Group

#: JS-DLV-003, JS-DLV-004: what the host says stands between, if anything.
ACK_PREFIX = b"$JS.ACK.%b%b.%b."
#: JS-PUSH-005.
FLOW_PREFIX = b"$JS.FC.%b%b.%b."


class Consumer:
    """A reader of a stream."""

    __slots__ = (
        "ack_prefix",
        "acks",
        "active",
        "backlog",
        "closed",
        "config",
        "created_ns",
        "deliver_to",
        "filters",
        "group",
        "last_ack_ns",
        "last_active_ns",
        "last_delivery_ns",
        "last_replayed",
        "lifetime_ns",
        "name",
        "newest",
        "not_before",
        "now",
        "progress",
        "push",
        "rate",
        "replay_until",
        "replayed_ns",
        "resume",
        "rings_ns",
        "sampling",
        "timers",
        "waiting",
        "window",
    )

    def __init__(self, group: Group, name: str, config: ConsumerConfig, created_ns: int) -> None:
        self.group = group
        self.name = name
        self.created_ns = created_ns
        #: The time, in nanoseconds since 1970.
        self.now = group.host.clock.wall
        self.progress = Progress()
        #: For `last_per_subject`: what is left of the list, and the stream's last sequence then.
        self.newest = Newest()
        self.resume = 0
        self.ack_prefix = ACK_PREFIX % (
            group.host.reply_words,
            group.stream.config.name.encode(),
            octets(name),
        )
        self.last_delivery_ns = self.last_ack_ns = 0
        self.last_active_ns = created_ns
        #: How long it may be idle, with the spread that spares servers a herd; 0 for ever.
        self.lifetime_ns = 0
        #: Whether somebody hears the deliver subject.
        self.active = False
        self.closed = False
        #: With replay policy `original`: the last new message's time, when it was delivered, and
        #: how far that applies.
        self.last_replayed = self.replayed_ns = 0
        self.replay_until = 0
        #: Nothing is delivered before this moment: replay, or the rate limit.
        self.not_before = 0
        self.timers: dict[str, Timer] = {}
        #: When the timer of redeliveries rings.
        self.rings_ns = 0
        self.window: Window | None = None
        self.rate: Rate | None = None
        self.waiting = Waiting(0)
        self.configure(config)

    def configure(self, config: ConsumerConfig) -> None:
        """Go on with this configuration; what depends on it is made anew."""
        self.config = config
        #: What of it each delivery asks for.
        self.acks, self.push = config.acks, config.push
        self.deliver_to = config.deliver_subject.encode()
        self.filters = tuple(each.encode() for each in config.filters)
        stream = self.group.stream
        self.backlog = Backlog(stream.store.index, self.group.removals, self.filters)
        self.sampling = checks.sampling(config.sample_freq)
        self.waiting.limit = config.max_waiting
        if config.flow_control and self.window is None:
            name = stream.config.name.encode()
            self.window = Window(
                FLOW_PREFIX % (self.group.host.reply_words, name, octets(self.name))
            )
        burst = stream.config.max_msg_size
        self.rate = None
        if config.rate_limit_bps >= 8:
            largest = burst if burst > 0 else self.group.host.max_payload
            self.rate = Rate(config.rate_limit_bps // 8, largest)

    # ---- What others ask -----------------------------------------------------

    @property
    def exhausts(self) -> int:
        """How often a message is delivered at most; 0 for any number."""
        return max(self.config.max_deliver, 0)

    @property
    def paced(self) -> bool:
        """Whether time decides when the next message goes (JS-DLV-020, JS-DLV-021)."""
        return self.replay_until > 0 or self.rate is not None

    @property
    def stalled(self) -> bool:
        """Whether as much is unacknowledged as may be (JS-RDL-014)."""
        limit = self.config.max_ack_pending
        return self.acks and 0 < limit <= len(self.progress.pending)

    def pending_count(self) -> int:
        """How many messages it has yet to deliver (JS-DLV-008)."""
        if self.newest.left:
            return self.backlog.count(self.resume + 1, self.newest)
        return self.backlog.count(self.progress.next_stream)

    def wants(self, subject: bytes) -> bool:
        """Whether its filters let this subject in."""
        return self.backlog.wants(subject)

    def needs(self, seq: int) -> bool:
        """Whether a message that it wants is not done with (JS-RET-006, JS-RDL-013)."""
        progress = self.progress
        if seq in progress.redeliveries:
            return True
        if seq <= progress.floor_stream:
            return False
        if self.config.ack_policy != "explicit":
            return True
        return seq >= progress.next_stream or seq in progress.pending

    # ---- What parts of it say ------------------------------------------------

    def wake(self) -> None:
        """Have the next round see whether there is something to deliver."""
        self.group.wake(self)

    def set_timer(self, name: str, delay_ns: int, callback: object) -> None:
        """Call `callback(self)` later, instead of what was to be called under this name."""
        self.stop_timer(name)
        clock = self.group.host.clock
        self.timers[name] = clock.call_later(max(delay_ns, 0) / 1e9, self._ring, name, callback)

    def stop_timer(self, name: str) -> None:
        """What was to be called under this name is not."""
        timer = self.timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _ring(self, name: str, callback: object) -> None:
        self.timers.pop(name, None)
        if not self.closed and callable(callback):
            callback(self)
