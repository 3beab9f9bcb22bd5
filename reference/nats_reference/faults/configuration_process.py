"""Faults of chapter 85: the command line, signals, files, and the configuration that is read again."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import register, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.server import Server
    from nats_reference.transport.loop import Running

CLI = "nats_reference.cli"
RELOAD = "nats_reference.reload"


def told_aloud() -> int:
    """Usage where errors are told."""
    print("Usage: see above", file=sys.stderr)
    return 0


def quiet_version() -> int:
    """A version without its name."""
    from nats_reference.options import VERSION  # noqa: PLC0415 - a fault is seldom installed

    print(VERSION)
    return 0


register(
    [
        ("CONF-OPT-002", "the ports file stays",
         "nats_reference.transport.files:Files.remove_ports", lambda _: None),
        ("CONF-OPT-002/pid", "there is no pid file",
         "nats_reference.transport.process:write_pid", lambda _: None),
        ("CLI-001", "flags have one dash", "nats_reference.flags:undashed", lambda word: word[1:]),
        ("CLI-002", "the version comes without the program's name", f"{CLI}:version", quiet_version),
        ("CLI-003", "the usage is told on standard error", f"{CLI}:usage", told_aloud),
        ("CLI-004", "words that nobody knows are ignored", "nats_reference.flags:stranger",
         lambda _: None),
        ("CLI-007", "flags don't overrule credentials of the file", f"{CLI}:overruled",
         lambda found, command: replace(found, **command.overrides)),
        ("SIG-002", "the process ends when the log is to be opened anew",
         "nats_reference.transport.process:reopen_log", lambda _: os._exit(1)),
        ("REL-002", "any option can be reloaded", f"{RELOAD}:refuse", lambda *_: None),
        ("REL-003", "who is connected stays", f"{RELOAD}:reauthorise", lambda _: None),
        ("REL-004", "subscriptions stay, whatever is denied", f"{RELOAD}:recheck", lambda *_: None),
    ]
)  # fmt: skip


@fault("CLI-005", "a check always ends well")
def always_well(patch: Patch) -> None:
    """A script goes on with a broken file."""

    def check(original: Callable[..., int], *arguments: Any) -> int:  # noqa: ANN401 - handed on
        try:
            return original(*arguments) and 0
        except (ValueError, OSError) as error:
            print(error, file=sys.stderr)
            return 0

    wrap(patch, f"{CLI}:check", check)


@fault("CONF-VAL-002", "a check looks at what options are together")
def early(patch: Patch) -> None:
    """As a start does."""
    from nats_reference import options  # noqa: PLC0415 - a fault is seldom installed

    def read(original: Callable[..., Options], *arguments: Any) -> Options:  # noqa: ANN401
        found = original(*arguments)
        options.validate(options.with_defaults(found))
        return found

    wrap(patch, f"{CLI}:configure", read)


@fault("CLI-008", "--signal ends well, whatever it did")
def never_mind(patch: Patch) -> None:
    """A script believes that somebody heard."""
    wrap(patch, "nats_reference.signals:send", lambda send, text: send(text) and 0)


@fault("SIG-001", "clients are told -ERR at the end")
def last_words(patch: Patch) -> None:
    """A goodbye that looks like an error."""

    def stop(original: Callable[..., None], self: Running) -> None:
        for connection in self.server.connections.values():
            connection.send_error("Server Shutdown")
        original(self)

    wrap(patch, "nats_reference.transport.loop:Running.stop", stop)


@fault("REL-001", "a reload that is refused has an effect")
def half(patch: Patch) -> None:
    """What could be taken was taken."""

    def reload(original: Callable[..., None], server: Server, new: Options) -> None:
        server.options = replace(server.options, max_payload=new.max_payload)
        original(server, new)

    wrap(patch, f"{RELOAD}:reload", reload)


@fault("REL-005", "clients of a removed account stay")
def homeless(patch: Patch) -> None:
    """In an account that nobody else can reach."""

    def reauthorise(original: Callable[..., None], connection: Connection) -> None:
        known = {each.name for each in connection.server.options.accounts}
        if connection.account.name in known:
            original(connection)

    wrap(patch, f"{RELOAD}:reauthorise", reauthorise)


@fault("REL-006", "max_payload can't be reloaded")
def stiff(patch: Patch) -> None:
    """It needs a new start."""
    known = patch.original(f"{RELOAD}:RELOADABLE")
    patch.attribute(f"{RELOAD}:RELOADABLE", known - {"max_payload"})


@fault("REL-007", "when the configuration was read is when the server started")
def old_time(patch: Patch) -> None:
    """It looks as if nothing had been reloaded."""

    def apply(original: Callable[..., None], server: Server, new: Options) -> None:
        before = server.configured
        original(server, new)
        server.configured = before

    wrap(patch, f"{RELOAD}:apply", apply)
