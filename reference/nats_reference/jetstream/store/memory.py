"""A store that ends with the process (JS-LIM-020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.record import Record, record_of
from nats_reference.jetstream.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class MemoryStore(Store):
    """Messages in a dictionary."""

    kind = "memory"

    def __init__(self, first_seq: int = 0) -> None:
        super().__init__(first_seq)
        self._records: dict[int, Record] = {}
        self._state: dict[str, bytes] = {}

    def _put(
        self, seq: int, time: int, subject: bytes, headers: bytes | None, payload: bytes
    ) -> None:
        self._records[seq] = record_of((seq, time, subject, headers, payload))

    def _drop(self, seq: int) -> None:
        del self._records[seq]

    def _drop_all(self) -> None:
        self._records.clear()

    def commit(self) -> None:
        """Nothing more to do."""
        self.index.settle()

    def told(self) -> None:
        """Everything stays at hand."""

    def sync(self) -> None:
        """Nothing survives."""

    def get(self, seq: int) -> Record | None:
        """The message `seq`."""
        return self._records.get(seq)

    def with_headers(self, since: int) -> Iterator[Record]:
        """The messages from `since` on that have headers."""
        for seq in self.index.sequences(since):
            record = self._records[seq]
            if record.headers is not None:
                yield record

    def save(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`."""
        self._state[key] = value

    def forget(self, keys: Iterable[str]) -> None:
        """Keep nothing under `keys`."""
        for key in keys:
            self._state.pop(key, None)

    def load(self, prefix: str) -> dict[str, bytes]:
        """What is kept under the keys that begin with `prefix`."""
        return {key: value for key, value in self._state.items() if key.startswith(prefix)}

    def close(self) -> None:
        """Memory goes by itself."""

    def destroy(self) -> None:
        """Memory goes by itself."""
