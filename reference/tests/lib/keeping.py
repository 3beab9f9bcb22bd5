"""A consumer whose stream is in a file, and a disk that is full."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest
from consumers import World

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import creating
from nats_reference.jetstream.store.sqlite import SQLiteStore

PUSHED = {"ack_policy": "none", "deliver_subject": "d"}


@dataclass
class Kept:
    """A consumer whose stream is in a file."""

    world: World
    path: object
    sync: bool

    @classmethod
    def made(cls, folder, *, sync: bool = False, **config) -> Kept:
        """With this configuration of the stream, in this folder."""
        path = folder / "S" / "stream.db"
        config = StreamConfig("S", subjects=("s.>",), storage="file", **config)
        kept = cls(World(config=config, store=SQLiteStore.create(path, sync=sync)), path, sync)
        kept.world.listen("d")
        return kept

    def kill(self) -> None:
        """The server is killed at this moment, and started again."""
        left = self.path.parent.with_name("left")
        shutil.copytree(self.path.parent, left)
        self.world.stream.store.abandon()
        shutil.rmtree(self.path.parent)
        left.rename(self.path.parent)
        store = SQLiteStore.open(self.path, sync=self.sync)
        self.world = World(config=self.world.stream.config, store=store)
        creating.restore(self.world.group)
        self.world.settle()

    @property
    def left(self) -> list[int]:
        """What is in the stream."""
        return list(self.world.stream.store.index.sequences())

    @property
    def consumer(self):
        """The consumer C."""
        return self.world.group.by_name["C"]

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
    kept = Kept.made(tmp_path, sync=getattr(request, "param", False))
    yield kept
    kept.world.stream.store.abandon()


__all__ = ["PUSHED", "Kept", "fails", "full", "kept"]
