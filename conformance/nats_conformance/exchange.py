"""What the connections of one run of a case share: record, delivery, patience.

Coalesced sends are held here, across connections, so that they go out in the
order in which the case made them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .delivery import Delivery
    from .transcript import Transcript
    from .wire import Wire


@dataclass(slots=True)
class Exchange:
    """What the connections of one run of a case share."""

    transcript: Transcript
    delivery: Delivery
    patience: float
    #: The watchdog: no wait goes beyond this moment of the monotonic clock.
    ends: float
    #: Whether each INFO must fit its schema; the smoke check only asks if it is one.
    strict: bool = True
    wires: list[Wire] = field(default_factory=list)
    _holding: list[Wire] = field(default_factory=list)

    def hold(self, wire: Wire) -> None:
        """Remember that `wire` has something to send later."""
        if wire not in self._holding:
            self._holding.append(wire)

    def release(self) -> None:
        """Send what was held back, connection by connection in the order of the sends."""
        holding, self._holding = self._holding, []
        for wire in holding:
            wire.release()
