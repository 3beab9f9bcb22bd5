"""Where the messages of a stream are kept.

A store decides nothing: it is told what to add and what to remove, and keeps it.
Changes count from `commit` on; until then `undo` takes all of them back.
Its `index` says what is there. `memory.py` and `sqlite.py` are the two kinds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from nats_reference.jetstream.record import SIZES
from nats_reference.jetstream.store.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from nats_reference.jetstream.record import Record


class StoreFailure(Exception):
    """The medium refuses: nothing since the last commit was kept."""

    def __init__(self, path: Path, reason: object) -> None:
        self.path = path
        self.reason = str(reason)
        super().__init__(f"{path}: {self.reason}")


class Unfinished(StoreFailure):
    """The process ended while the store was being made: nothing was promised to anybody."""


class Damaged(StoreFailure):
    """What is read is not what was written."""


class Store(ABC):
    """Messages of one stream, and small pieces of state that belong to it."""

    #: The kind of storage, as configurations name it.
    kind: str
    #: Whether what may be kept later should be: in memory that gains nothing, and where each
    #: commit waits for the medium nothing is ever late.
    may_follow = False

    def __init__(self, first_seq: int = 0) -> None:
        self.index = Index(first_seq)
        self._size = SIZES[self.kind]

    # ---- Changes ---------------------------------------------------------------

    def append(self, subject: bytes, headers: bytes | None, payload: bytes, time: int) -> int:
        """Add a message; its sequence."""
        seq = self.index.add(subject, self._size(subject, headers, payload), time)
        self._put(seq, time, subject, headers, payload)
        return seq

    def skip_to(self, seq: int, time: int) -> None:
        """Use up the sequences to `seq` for nothing."""
        self.index.skip_to(seq, time)

    def remove(self, seq: int) -> tuple[bytes, int] | None:
        """Remove a message, if it is there; its subject and size."""
        removed = self.index.remove(seq)
        if removed is not None:
            self._drop(seq)
        return removed

    def clear(self) -> None:
        """Remove all messages."""
        self.index.clear()
        self._drop_all()

    def size_of(self, subject: bytes, headers: bytes | None, payload: bytes) -> int:
        """How many bytes a message would count for."""
        return self._size(subject, headers, payload)

    @abstractmethod
    def _put(
        self, seq: int, time: int, subject: bytes, headers: bytes | None, payload: bytes
    ) -> None: ...

    @abstractmethod
    def _drop(self, seq: int) -> None: ...

    @abstractmethod
    def _drop_all(self) -> None: ...

    # ---- All or nothing --------------------------------------------------------

    @abstractmethod
    def commit(self) -> None:
        """Keep what was changed.

        Raises:
            StoreFailure: it can't be kept, and all of it has been undone.
        """

    @abstractmethod
    def told(self) -> None:
        """Everybody who waits for it has been told of what was committed last."""

    @abstractmethod
    def sync(self) -> None:
        """Have what is committed survive the machine.

        Raises:
            StoreFailure: the medium refuses.
        """

    # ---- Messages --------------------------------------------------------------

    @abstractmethod
    def get(self, seq: int) -> Record | None:
        """The message `seq`.

        Raises:
            Damaged: it is not what was written.
        """

    @abstractmethod
    def with_headers(self, since: int) -> Iterator[Record]:
        """The messages from `since` on that have headers, in order, without their payload."""

    # ---- State -----------------------------------------------------------------

    @abstractmethod
    def save(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, from the next commit on."""

    @abstractmethod
    def forget(self, keys: Iterable[str]) -> None:
        """Keep nothing under `keys`, from the next commit on."""

    @abstractmethod
    def load(self, prefix: str) -> dict[str, bytes]:
        """What is kept under the keys that begin with `prefix`, what is not committed included."""

    # ---- The end ---------------------------------------------------------------

    @abstractmethod
    def close(self) -> None:
        """Let go of it, what is committed stays."""

    @abstractmethod
    def destroy(self) -> None:
        """Let go of it and leave nothing behind."""
