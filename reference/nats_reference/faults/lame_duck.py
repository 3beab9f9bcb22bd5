"""Faults of chapter 51, lame duck mode: who is told, who may stay, when it is over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.server import Server
    from nats_reference.transport.loop import Running

LAME_DUCK = "nats_reference.lameduck"
OPTIONS = "nats_reference.options"
PROCESS = "nats_reference.transport.process"
CONNECTION = "nats_reference.connection:Connection"


@fault("LDM-001", "a lame duck still takes clients")
def open_port(patch: Patch) -> None:
    """The port stays open."""
    patch.attribute("nats_reference.transport.loop:Running.close_listener", lambda _: None)


@fault("LDM-002", "nobody is told")
def secret(patch: Patch) -> None:
    """No INFO is sent."""
    patch.attribute(f"{LAME_DUCK}:wants_to_know", lambda _: False)


@fault("LDM-002/all", "everybody is told, understood or not")
def loud(patch: Patch) -> None:
    """INFO goes to clients of protocol 0 too."""
    patch.attribute(f"{LAME_DUCK}:wants_to_know", lambda _: True)


@fault("LDM-003", "a lame duck doesn't listen to its clients")
def deaf(patch: Patch) -> None:
    """What they send is thrown away."""
    receive = patch.original(f"{CONNECTION}.receive")

    def ignore(self: Connection, data: bytes) -> None:
        if not self.server.lame_duck:
            receive(self, data)

    patch.attribute(f"{CONNECTION}.receive", ignore)


@fault("LDM-004", "all clients are closed at the same time")
def all_at_once(patch: Patch) -> None:
    """The next server gets them all together."""

    def close_all(
        _server: Server, leaving: list[Connection], _step: float, done: Callable[[], None]
    ) -> None:
        for connection in leaving:
            connection.close("Server Shutdown")
        done()

    patch.attribute(f"{LAME_DUCK}:close_next", close_all)


@fault("LDM-004/early", "the grace period is not waited for")
def no_grace(patch: Patch) -> None:
    """The first client is closed at once."""
    enter = patch.original(f"{LAME_DUCK}:enter")

    def hasty(server: Server, done: Callable[[], None]) -> None:
        server.options = replace(server.options, lame_duck_grace_period=0.0)
        enter(server, done)

    patch.attribute(f"{LAME_DUCK}:enter", hasty)


@fault("LDM-004/slow", "clients are closed as slowly as the duration allows")
def slow_end(patch: Patch) -> None:
    """A few clients take all of the time."""
    patch.attribute(f"{LAME_DUCK}:LONGEST_STEP", 3600.0)


@fault("LDM-004/error", "clients are closed with -ERR")
def with_error(patch: Patch) -> None:
    """A goodbye that nobody expects."""
    close_next = patch.original(f"{LAME_DUCK}:close_next")

    def say_so(
        server: Server, leaving: list[Connection], step: float, done: Callable[[], None]
    ) -> None:
        leaving[0].send_error("Server Shutdown")
        close_next(server, leaving, step, done)

    patch.attribute(f"{LAME_DUCK}:close_next", say_so)


@fault("LDM-005", "the process ends with status 1")
def another_status(patch: Patch) -> None:
    """A supervisor starts it again."""
    run = patch.original(f"{PROCESS}:run")
    patch.attribute(f"{PROCESS}:run", lambda options, configure: run(options, configure) or 1)


@fault("LDM-005/stays", "a lame duck without clients waits for its grace period")
def stays(patch: Patch) -> None:
    """For nobody."""
    enter = patch.original(f"{LAME_DUCK}:enter")

    def wait(server: Server, done: Callable[[], None]) -> None:
        if server.connections:
            enter(server, done)
        else:
            server.lame_duck = True
            server.clock.call_later(server.options.lame_duck_grace_period, done)

    patch.attribute(f"{LAME_DUCK}:enter", wait)


@fault("LDM-006", "SIGTERM ends a lame duck")
def obeys_sigterm(patch: Patch) -> None:
    """Clients that are leaving are cut off."""

    def shut_down(running: Running, _name: str) -> None:
        running.stop()

    patch.attribute(f"{PROCESS}:shut_down", shut_down)


@fault("LDM-008", "lame_duck_duration may be as short as one likes")
def short_duration(patch: Patch) -> None:
    """There is no minimum."""
    patch.attribute(f"{OPTIONS}:SHORTEST_LAME_DUCK_DURATION", 0.0)


@fault("LDM-008/grace", "lame_duck_grace_period may be longer than lame_duck_duration")
def long_grace(patch: Patch) -> None:
    """The two aren't compared."""
    validate = patch.original(f"{OPTIONS}:validate")

    def lax(options: Options) -> None:
        validate(replace(options, lame_duck_grace_period=0.0))

    patch.attribute(f"{OPTIONS}:validate", lax)
