"""Faults of chapter 120: how long a consumer lives, what survives a restart, what is made known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer

CONSUMER = "nats_reference.jetstream.consumer"
LIFETIME, PERSISTENCE = f"{CONSUMER}.lifetime", f"{CONSUMER}.persistence"
ADVISORIES, READ = f"{CONSUMER}.advisories", f"{CONSUMER}.persistence:read"


def silent(*_arguments: Any, **_named: Any) -> None:  # noqa: ANN401 - whatever it was
    """Nothing is said."""


CHANGES: tuple[Change, ...] = (
    ("JS-INACT-003", "a request that waits doesn't keep its consumer", f"{LIFETIME}:waited_for", lambda _consumer: False),
    ("JS-INACT-005", "a consumer's end is not told", f"{ADVISORIES}:deleted", silent),
    ("JS-ADV-003", "exhaustion is not told", f"{ADVISORIES}:exhausted", silent),
    ("JS-ADV-004", "refusals are not told", f"{ADVISORIES}:refused", silent),
    ("JS-ADV-005", "terminations are not told", f"{ADVISORIES}:terminated", silent),
    ("JS-ADV-008", "acknowledgements are not told", f"{ADVISORIES}:sampled", silent),
    ("JS-ADV-011", "requests are not told", "nats_reference.jetstream.advisories:audit", silent),
    ("JS-RST-001", "after a restart a consumer begins again", READ, silent),
    ("JS-RST-005", "what is kept in memory survives", f"{PERSISTENCE}:kept", lambda group, _consumer: group.stream.store.kind == "file"),
)  # fmt: skip

register(CHANGES)


@fault("JS-INACT-001", "a pull consumer lives half as long as it may be idle")
def short_life(patch: Patch) -> None:
    """Or less."""

    def begin(original: Any, consumer: Consumer, *, asked: bool) -> None:  # noqa: ANN401 - handed on
        original(consumer, asked=asked)
        if consumer.lifetime_ns and not consumer.config.push:
            consumer.lifetime_ns //= 20
            look = patch.original(f"{LIFETIME}:look")
            consumer.set_timer("lifetime", consumer.lifetime_ns, look)

    wrap(patch, f"{LIFETIME}:begin", begin)


@fault("JS-INACT-002", "nothing counts as use")
def useless(patch: Patch) -> None:
    """A consumer ends when its time is over."""
    patch.attribute(f"{LIFETIME}:active", silent)
    patch.attribute(f"{LIFETIME}:at_work", lambda _consumer: 0)


@fault("JS-INACT-004", "a durable stays for ever")
def durable_for_ever(patch: Patch) -> None:
    """Whatever its threshold."""

    def look(original: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        if not consumer.config.durable:
            original(consumer)

    wrap(patch, f"{LIFETIME}:look", look)


@fault("JS-INACT-006", "another threshold does nothing")
def old_threshold(patch: Patch) -> None:
    """The first one holds."""

    def begin(original: Any, consumer: Consumer, *, asked: bool) -> None:  # noqa: ANN401 - handed on
        if not consumer.lifetime_ns:
            original(consumer, asked=asked)

    wrap(patch, f"{LIFETIME}:begin", begin)


def restored(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of a consumer
    """Have `change` look at each consumer that comes back."""

    def read(original: Any, group: Any, consumer: Consumer) -> None:  # noqa: ANN401 - handed on
        original(group, consumer)
        change(consumer)

    wrap(patch, READ, read)


@fault("JS-RST-002", "after a restart deliveries are counted anew")
def counts_anew(patch: Patch) -> None:
    """Each message is as good as new."""

    def change(consumer: Consumer) -> None:
        consumer.progress.redeliveries.clear()
        for entry in consumer.progress.pending.values():
            entry.since = 0

    restored(patch, change)


@fault("JS-RST-003", "after a restart older reply subjects do nothing")
def old_replies(patch: Patch) -> None:
    """They were another process's."""

    def change(consumer: Consumer) -> None:
        consumer.ack_prefix = consumer.ack_prefix.replace(b"$JS.ACK.", b"$JS.ACK.r.", 1)

    restored(patch, change)
    wrap(
        patch,
        "nats_reference.jetstream.api.dispatch:acknowledge",
        lambda take, account, message, payload: (
            not account.recovered and take(account, message, payload)
        ),
    )

    def opened(original: Any, account: Any) -> None:  # noqa: ANN401 - handed on
        original(account)
        account.recovered = bool(account.streams)

    wrap(patch, "nats_reference.jetstream.account:Account.open", opened)


@fault("JS-RST-004", "after a restart a message is left out")
def leaves_one_out(patch: Patch) -> None:
    """The next one."""

    def change(consumer: Consumer) -> None:
        consumer.progress.next_stream += 1

    restored(patch, change)


@fault("JS-RST-006", "after a restart requests still count")
def requests_count(patch: Patch) -> None:
    """One, at least."""
    from nats_reference.jetstream.consumer import pulls  # noqa: PLC0415 - a fault is seldom installed

    def change(consumer: Consumer) -> None:
        consumer.waiting.pulls.append(pulls.Pull(b"$JS.API.nobody"))

    restored(patch, change)


@fault("JS-RST-007", "after a restart the selection begins again")
def selects_again(patch: Patch) -> None:
    """With the first message."""
    from nats_reference.jetstream.consumer.newest import Newest  # noqa: PLC0415 - a fault is seldom installed

    def change(consumer: Consumer) -> None:
        if consumer.resume:
            consumer.progress.next_stream = 1
            consumer.newest = Newest()

    restored(patch, change)


@fault("JS-RST-010", "after a restart exhausted messages come again")
def comes_back(patch: Patch) -> None:
    """Once more, at least."""

    def change(consumer: Consumer) -> None:
        own = consumer.progress
        spent = [seq for seq in own.redeliveries if seq not in own.pending]
        for seq in spent:
            del own.redeliveries[seq]
        own.next_stream = min([*spent, own.next_stream])

    restored(patch, change)


# ---- What is made known --------------------------------------------------------------


@fault("JS-ADV-001", "an advisory has no time")
def timeless(patch: Patch) -> None:
    """And no name."""
    import json  # noqa: PLC0415 - a fault is seldom installed

    def encode(original: Any, *arguments: Any) -> bytes:  # noqa: ANN401 - handed on
        found = json.loads(original(*arguments))
        del found["timestamp"], found["id"]
        return json.dumps(found).encode()

    wrap(patch, "nats_reference.jetstream.advisories:encode", encode)


@fault("JS-ADV-002", "an update is told as a creation")
def told_as_creation(patch: Patch) -> None:
    """Of the consumer."""
    made = patch.original(f"{ADVISORIES}:made")

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        found = original(group, consumer, config, action=action)
        made(consumer)
        return found

    wrap(patch, f"{CONSUMER}.creating:change", change)
