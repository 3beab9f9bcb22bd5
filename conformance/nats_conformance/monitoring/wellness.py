"""What /healthz says once it isn't about a moment that passes by itself (MON-HEALTH-001, MON-HEALTH-005).

On a busy machine nats-server may be late for itself and say 500; and while a stream is being
deleted, it misses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nats_conformance.polling import until

if TYPE_CHECKING:
    from nats_conformance.cases import Nats
    from nats_conformance.targets.monitoring import Answer

_PASSING: Final = re.compile(
    r"failed to be ready for connections after| [.][^ ]+ could not be recovered"
)


def well(nats: Nats, path: str) -> Answer:
    """The answer to a request for `path`, asked for again as long as it is of that kind."""
    return until(
        lambda: nats.ask(path), lambda found: not _PASSING.search(found.text), nats.patience
    )
