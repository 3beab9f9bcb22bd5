"""Waits for what no message tells: ask again until the answer is right."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from .expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Seconds between two questions.
PACE: Final = 0.01


def until(
    ask: Callable[[], T],
    right: Callable[[T], object],
    patience: float,
    awaited: str = "the awaited answer",
) -> T:
    """The first answer that is right; `awaited` says what that is.

    Raises:
        Mismatch: there was none for as long as `patience`.
    """
    limit = time.monotonic() + patience
    while not right(answer := ask()):
        if time.monotonic() > limit:
            raise Mismatch(f"not so after {patience:g} s", awaited, str(answer))
        time.sleep(PACE)
    return answer
