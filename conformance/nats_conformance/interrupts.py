"""Interrupts (SIGINT, SIGTERM) where they must not come between two steps."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def later() -> Iterator[None]:
    """An interrupt that comes meanwhile comes at the end of this."""
    if threading.current_thread() is not threading.main_thread():
        yield  # interrupts are the main thread's
        return
    came: list[int] = []
    before = [signal.signal(n, lambda n, _: came.append(n)) for n in SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def once() -> None:
    """From now on the first interrupt is a KeyboardInterrupt, and the last one."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def never() -> None:
    """From now on there are none."""
    for number in SIGNALS:
        # Not SIG_IGN: of one that has come already, Python would say that it is lost.
        signal.signal(number, _nothing)


def _nothing(_number: int, _frame: object) -> None:
    pass


def _interrupt(_number: int, _frame: object) -> None:
    never()
    raise KeyboardInterrupt
