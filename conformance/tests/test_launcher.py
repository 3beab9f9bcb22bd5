"""Servers that a warm process forks are like any others, and none outlives it."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from nats_conformance.expect import Unreachable
from nats_conformance.targets import launcher, resolve
from nats_conformance.targets.launcher import Forked
from nats_conformance.targets.pool import start


@pytest.fixture
def reference():
    target = resolve("reference")
    launcher.warm_up([target, target])
    yield target
    launcher.cool_down()


@contextmanager
def running(target, **more):
    instance = start(target, patience=10, **more)
    try:
        yield instance
    finally:
        instance.stop()


def gone(pid):
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_a_forked_server_serves_and_ends(reference):
    with running(reference, text="max_payload: 77\n") as one, running(reference) as two:
        assert isinstance(one.process, Forked)
        assert one.address != two.address
        assert one.process.poll() is None
        one.signal("term")
        assert one.wait(5) == one.process.poll() == 0
        assert two.process.poll() is None
        two.process.kill()
        assert two.process.wait(5) == -signal.SIGKILL
    assert gone(two.process.pid)


def test_what_it_logs_stands_in_the_log(reference):
    with running(reference) as server:
        assert "Server is ready" in server.wait_log("Server is ready")
        assert f"[{server.process.pid}]" in server.log()


def test_a_server_that_refuses_ends_with_its_own_status(reference):
    instance = start(reference, text="nonsense: 1", patience=5, ready=False)
    try:
        instance.await_end_or_ready()
        assert instance.process.poll() == 1
        assert "unknown field" in instance.log()
    finally:
        instance.stop()
    with pytest.raises(Unreachable, match="ended with status 0"):
        start(reference, flags=("--version",), patience=5)


def test_a_fault_is_of_one_server_alone(reference):
    faulty = resolve("reference!INFO-002")
    with running(faulty) as one, running(reference) as two:
        assert isinstance(one.process, Forked)
        assert isinstance(two.process, Forked)


def test_servers_end_with_the_warm_process(reference):
    with running(reference) as server:
        launcher.cool_down()
        assert gone(server.process.pid)
        assert server.process.wait(5) == -signal.SIGKILL


def test_without_a_warm_process_servers_start_by_their_command(reference):
    launcher._LAUNCHERS[reference.warm]._process.kill()
    launcher._LAUNCHERS[reference.warm]._process.wait()
    with running(reference) as server:
        assert not isinstance(server.process, Forked)
