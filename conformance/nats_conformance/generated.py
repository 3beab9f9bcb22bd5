"""How properties run: as many examples as the budget allows, from the run's seed.

A counterexample is kept in the user's cache and tried first the next time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import FlakyFailure

from .expect import Mismatch
from .targets.release import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from .fixture import Nats
    from .properties.situations import Situations


#: How often a property is run once more, from another seed, while a situation is too rare.
FURTHER_ROUNDS: Final = 5
#: Seconds in which a counterexample is made small: somebody waits for it.
SHRINKING: Final = {"quick": 20, "standard": 60, "thorough": 300}


def settings(nats: Nats, **more: Any) -> hypothesis.settings:  # noqa: ANN401
    """Hypothesis settings for this run of a property."""
    corpus = cache().parent / "examples" / nats.target.name.replace("/", "_")
    defaults: dict[str, Any] = {
        "max_examples": nats.examples,
        "deadline": None,
        "database": DirectoryBasedExampleDatabase(corpus),
        "print_blob": False,
        "report_multiple_bugs": False,
        "suppress_health_check": list(HealthCheck),
        "phases": (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    }
    return hypothesis.settings(**(defaults | more))


def run(nats: Nats, test: Callable[[], None], **more: Any) -> None:  # noqa: ANN401
    """Run a function made by `hypothesis.given` with these settings and the run's seed."""
    with steady(nats):
        hypothesis.seed(nats.seed)(settings(nats, **more)(test))()


def run_until(
    nats: Nats, situations: Situations, test: Callable[..., None], *drawn: SearchStrategy[Any]
) -> None:
    """Run `test` with what is drawn, and more often while a situation came up too seldom.

    Raises:
        Starved: not even those met it.
    """
    for seed in range(nats.seed, nats.seed + 1 + FURTHER_ROUNDS):
        with steady(nats):
            hypothesis.seed(seed)(settings(nats)(hypothesis.given(*drawn)(test)))()
        if not situations.missing(nats.examples):
            break
    nats.met = situations.check(nats.examples)


@contextmanager
def steady(nats: Nats) -> Iterator[None]:
    """A failure that doesn't come again is a failure all the same, and says so.

    The conversation that is shown is the one that failed, and not the last, which did not.
    Hypothesis has no setting for how long it shrinks: its constant is five minutes.
    """
    seconds = SHRINKING[nats.budget]
    try:
        with patch("hypothesis.internal.conjecture.engine.MAX_SHRINKING_SECONDS", seconds):
            yield
    except FlakyFailure as flaky:
        failed = nats.show_failed()
        if failed is None:
            raise
        why = f"{failed.message} (not every time)"
        raise Mismatch(why, failed.expected, failed.got) from flaky
