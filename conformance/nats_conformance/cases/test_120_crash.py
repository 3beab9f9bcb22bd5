"""The server is killed in the middle of consuming (JS-INV-018, JS-INV-001).

A round is a kill at a moment that chance chooses; the next one goes on with the same consumer.
Every message is acknowledged for itself, and the next one only after the answer. How many
rounds there are depends on the budget, and is told as the number of examples.
"""

from __future__ import annotations

from typing import Final

from nats_conformance.cases import Mismatch, Nats, property_case
from nats_conformance.consuming import MS
from nats_conformance.interrupted_consumer import Acknowledging

#: Kills at each budget.
ROUNDS: Final = {"quick": 1, "standard": 3, "thorough": 60}
#: Messages that are there at the beginning of a round: more than are consumed in it.
FRESH: Final = 300
#: Milliseconds until what was not acknowledged comes again.
WAIT: Final = 2500


@property_case("JS-INV-018", "JS-INV-001", "JS-RST-001", config="crash-synced", private=True)
def test_killed_while_messages_are_acknowledged(nats: Nats) -> None:
    name = nats.name("S")
    client = Acknowledging(nats, name, "c", 10)
    kills, last = ROUNDS[nats.budget], 0
    for number in range(kills):
        with nats.example() as part:
            js = part.jetstream()
            if not number:
                js.create(name, storage="file")
                js.consumer(name, "c", ack_wait=WAIT * MS)
            for _ in range(FRESH - 1 - (last - len(client.acked))):
                js.send(name, b"x")
            last = js.publish(name)["seq"]
            client.consume(js, nats.random.uniform(0, 0.12))
            part.server.restart("kill")
    before = len(client.acked)
    with nats.example() as part:
        client.drain(part.jetstream(), nats.patience + 2 * WAIT / 1000)
    lost = [seq for seq in range(1, last + 1) if seq not in client.said]
    told = f"{kills} kills, {before:,} messages acknowledged before one"
    if client.again or lost:
        raise Mismatch(
            f"{told}: {len(client.again)} came again, {len(lost)} of {last:,} never came",
            "each comes until it is acknowledged, and not after",
            f"again {sorted(client.again)[:20]}, never {lost[:20]}",
        )
    nats.met = f"{told}: none came again, none was lost"
