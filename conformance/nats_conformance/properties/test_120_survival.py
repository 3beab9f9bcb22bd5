"""Several consumers of one stream against the model of a consumer, over the end of their server.

The server ends in good order and comes back on its store. What a kill does is the matter of
`test_120_crash`.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis.stateful import rule

from nats_conformance.cases import Nats, property_case
from nats_conformance.properties import consumer_known as known
from nats_conformance.properties import consumer_requests as asking
from nats_conformance.properties import machine
from nats_conformance.properties.consumer_situations import FLOORS, RESTART_FLOORS
from nats_conformance.properties.situations import Situations
from nats_conformance.properties.test_120_consumers import Consumers, modelled

#: How often it runs, at each budget.
EXAMPLES: Final = {"quick": 3, "standard": 6, "thorough": 300}


class Restarts(Consumers):
    """The same on a server that ends in good order and comes back on its store."""

    @rule(what=asking.acts(restart=5))
    def act(self, what: tuple[str, dict[str, Any]]) -> None:
        """Also end the server."""
        super().act(what)

    def restart(self) -> None:
        """Whatever was outstanding still is; requests are not."""
        # What is to come at once, or soon, a restart may delay (JS-RST-009).
        if (
            self.calm < 3
            or self.awaiting()
            or self.any(known.selecting, known.counts_last, known.passed)
        ):
            return
        self.calm = 0
        waiting = [each for watched in self.consumers.values() for each in watched.open]
        outstanding = any(each.model.outstanding for each in self.consumers.values())
        self.situations.meet(
            "restarted",
            *["restarted while messages are outstanding"] * outstanding,
            *["restarted while a request waits"] * bool(waiting),
        )
        self.nats.server.restart("term")
        self.clients = [self.nats.jetstream(), self.nats.jetstream()]
        for watched in self.consumers.values():
            watched.open.clear()
        self.rest()


@property_case(
    "JS-RST-001", "JS-RST-004", "JS-RST-006", config="jetstream", private=True, limit=3600
)
def test_consumers_survive_the_end_of_their_server(nats: Nats) -> None:
    modelled(nats)
    situations = Situations(RESTART_FLOORS | dict.fromkeys(FLOORS, 0))
    machine.run_apart(nats, Restarts, situations, EXAMPLES[nats.budget], steps=25)
