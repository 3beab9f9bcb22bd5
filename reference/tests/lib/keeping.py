"""A consumer whose stream is in a file, and a disk that is full."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest
from consumers import World

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.store.sqlite import SQLiteStore

PUSHED = {"ack_policy": "none", "deliver_subject": "d"}


@dataclass
class Kept:
    """A consumer whose stream is in a file."""

    world: World
    path: object

    def known(self, key: str) -> bytes:
        """What a server knows under `key` which is started after a kill at this moment."""
        left = self.path.parent.with_name("left")
        shutil.copytree(self.path.parent, left)
        store = SQLiteStore.open(left / self.path.name, sync=False)
        text = store.load(key).get(key, b"")
        store.abandon()
        shutil.rmtree(left)
        return text

    def delivered(self) -> int | None:
        """The last delivery that it knows."""
        text = self.known("progress/C")
        return int(text.split()[2]) if text else None


def full(monkeypatch):
    """From now on there is no room for messages."""

    def no_room(_self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SQLiteStore, "_look_for_room", no_room)


def fails(monkeypatch):
    """From now on nothing can be written."""

    def no_room(_self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SQLiteStore, "_write", no_room)


@pytest.fixture
def kept(tmp_path, request):
    path = tmp_path / "S" / "stream.db"
    store = SQLiteStore.create(path, sync=getattr(request, "param", False))
    config = StreamConfig("S", subjects=("s.>",), storage="file")
    kept = Kept(World(config=config, store=store), path)
    kept.world.listen("d")
    yield kept
    store.abandon()


__all__ = ["PUSHED", "Kept", "fails", "full", "kept"]
