"""Several streams against the model of a stream, over the end of their server.

A server of ours is killed, or told to end, and comes back on the same store.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from nats_conformance.cases import Nats, property_case
from nats_conformance.properties import machine, stream_answers, stream_requests
from nats_conformance.properties.situations import Situations
from nats_conformance.properties.stream_situations import FLOORS, RESTART_FLOORS
from nats_conformance.properties.test_111_streams import NOW, Streams, modelled
from nats_conformance.targets.instance import Instance
from nats_spec.model import stream_account as account


class Restarts(Streams):
    """The same, and once in a while the server ends and comes back."""

    @initialize(chosen=st.tuples(*[stream_requests.configs] * 3), limited=st.integers(0, 7))
    def begin(self, chosen: tuple[dict[str, Any], ...], limited: int) -> None:
        """Some streams are without limits, so that a kill is fair; the first is on file."""
        for place, fields in enumerate(chosen):
            fields.update({} if limited >> place & 1 else stream_requests.NO_LIMITS)
        chosen[0]["file"] = True
        Streams.begin(self, chosen)

    @precondition(lambda self: self.calm > 3 and self.holding())
    @rule()
    def restart(self) -> None:
        """The server ends and comes back: what is in memory is gone, all else is as it was."""
        self.calm = 0
        before = self.account
        # What a kill does to a stream that its limits have trimmed is the matter of JS-LIM-031.
        trimmed = self.trimmed & {name for name, stream in before.items() if stream.config.file}
        signal = "term" if trimmed else "kill"
        self.situations.meet(signal)
        self.nats.server.restart(signal)
        self.js = self.nats.jetstream()
        self.account = account.restarted(self.account, NOW)
        for name in before.keys() - self.account.keys():
            self.js.refused(f"STREAM.INFO.{name}", 10059)
            self.situations.meet("vanished from memory")
        for name, stream in self.account.items():
            self.look(name)
            self.situations.meet(*["restarted with messages"] * bool(stream.messages))
            for each in stream.messages:
                stream_answers.stored(self.js, stream, each)


@property_case("JS-LIM-020", "JS-LIM-021", "JS-PUB-021", "JS-PUB-023", config="jetstream")
def test_streams_on_file_survive_the_server_s_end(nats: Nats) -> None:
    modelled(nats)
    if not isinstance(nats.server.running, Instance):
        nats.not_applicable("needs a server that may be killed")
    situations = Situations(dict.fromkeys(FLOORS, 0) | RESTART_FLOORS)
    machine.run(nats, Restarts, situations, steps=30)
