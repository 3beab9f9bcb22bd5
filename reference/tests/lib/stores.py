"""Stores in files with something in them, after an orderly end and after a killing."""

from __future__ import annotations

import shutil

import pytest

from nats_reference.jetstream.store.sqlite import SQLiteStore


def fill(store, count=300):
    """Messages of many kinds, in several commits."""
    for number in range(count):
        headers = b"NATS/1.0\r\nA: %d\r\n\r\n" % number if number % 3 else None
        store.append(b"s.%d" % (number % 7), headers, b"payload %d " % number * 9, number)
        if number % 10 == 9:
            store.remove(number - 4)
            store.save("number", b"%d" % number)
            store.commit()
    store.commit()


def content(store):
    """Everything that is in a store."""
    index = store.index
    messages = [store.get(seq) for seq in index.sequences()]
    return messages, (index.first_seq, index.last_seq, index.bytes), store.load("number")


def opened(path):
    """What is in a store that is opened again."""
    store = SQLiteStore.open(path, sync=False)
    try:
        return content(store)
    finally:
        store.abandon()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "S" / "stream.db"


@pytest.fixture
def closed(path):
    """A store after an orderly end, and what is in it."""
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    expected = content(store)
    store.close()
    return path, expected


@pytest.fixture
def killed(path):
    """What a process leaves that was killed, and what had been committed."""
    path = path.parent.with_name("K") / path.name
    store = SQLiteStore.create(path, sync=False)
    fill(store)
    expected = content(store)
    left = path.parent.with_name("left")
    shutil.copytree(path.parent, left)
    store.destroy()
    return left / path.name, expected
