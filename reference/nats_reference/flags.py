"""The command line: nats-server's own flags, with one dash or two, as Go's `flag` reads them.

CLI-001 .. CLI-004, CLI-007 of the configuration chapter, as far as these
chapters need them. What the reference leaves out (TLS, clusters) is
refused by name. Gives overrides for the options of a file, and what to do
instead of serving.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Flags with a value: the option each sets, and its type.
VALUES: dict[str, tuple[str, type]] = {
    "a": ("host", str),
    "addr": ("host", str),
    "net": ("host", str),
    "p": ("port", int),
    "port": ("port", int),
    "n": ("server_name", str),
    "name": ("server_name", str),
    "server_name": ("server_name", str),
    "P": ("pid_file", str),
    "pid": ("pid_file", str),
    "m": ("http_port", int),
    "http_port": ("http_port", int),
    "c": ("config_file", str),
    "config": ("config_file", str),
    "l": ("log_file", str),
    "log": ("log_file", str),
    "client_advertise": ("client_advertise", str),
    "sd": ("store_dir", str),
    "store_dir": ("store_dir", str),
    "ports_file_dir": ("ports_file_dir", str),
    "user": ("user", str),
    "pass": ("password", str),
    "auth": ("token", str),
    "sl": ("signal", str),
    "signal": ("signal", str),
    "fault": ("fault", str),
}

#: Flags that are on when they stand alone: the options each sets.
SWITCHES: dict[str, tuple[str, ...]] = {
    "T": ("logtime",),
    "logtime": ("logtime",),
    "logtime_utc": ("logtime_utc",),
    "D": ("debug",),
    "debug": ("debug",),
    "V": ("trace",),
    "trace": ("trace",),
    "VV": ("trace",),
    "DV": ("debug", "trace"),
    "DVV": ("debug", "trace"),
    "js": ("jetstream",),
    "jetstream": ("jetstream",),
    "t": ("test",),
    "v": ("version",),
    "version": ("version",),
    "h": ("help",),
    "help": ("help",),
    "list-faults": ("list_faults",),
}

#: nats-server knows these; the reference does not.
UNSUPPORTED = frozenset(
    [
        "ms",
        "https_port",
        "s",
        "syslog",
        "r",
        "remote_syslog",
        "log_size_limit",
        "max_traced_msg_len",
        "tls",
        "tlscert",
        "tlskey",
        "tlsverify",
        "tlscacert",
        "help_tls",
        "routes",
        "cluster",
        "cluster_name",
        "no_advertise",
        "cluster_advertise",
        "connect_retries",
        "cluster_listen",
        "profile",
    ]
)

#: How an octal number begins in Go, besides `0o`.
OCTAL = re.compile(r"^([+-]?)0(?=[0-7_])")
#: One more than the largest number there is.
INTEGERS = 1 << 63

TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})

#: What to do instead of serving, and credentials: they are no plain options.
ACTIONS = ("signal", "test", "version", "help", "list_faults", "jetstream")
CREDENTIALS = ("user", "password", "token")


class UnknownFlag(ValueError):
    """A flag that nats-server doesn't know either: it prints its usage and exits 0."""


class BadCommand(ValueError):
    """Anything else that is wrong on the command line."""


@dataclass(slots=True)
class CommandLine:
    """What the command line says."""

    overrides: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, Any] = field(default_factory=dict)
    actions: dict[str, Any] = field(default_factory=dict)

    @property
    def config_file(self) -> str:
        """The configuration file, if one is named."""
        return str(self.overrides.get("config_file", ""))


def faults(arguments: Sequence[str]) -> list[str]:
    """The faults that are asked for; they are needed before anything is read."""
    return [name for flag, name in itertools.pairwise(arguments) if flag == "--fault"]


def parse(arguments: Sequence[str]) -> CommandLine:
    """Read the command line.

    Raises:
        UnknownFlag: no server has this flag.
        BadCommand: it can't be understood, or the reference doesn't do it.
    """
    found = CommandLine()
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            word = next(rest, "")  # noqa: PLW2901 - Go's end of the flags; nothing may follow
            if not word:
                break
            stranger(word)
        elif word in {"help", "version"}:
            found.actions[word] = True
        elif not word.startswith("-") or word == "-":
            stranger(word)
        else:
            name, equals, text = undashed(word).partition("=")
            read_flag(found, name, text if equals else None, rest)
    return found


def stranger(word: str) -> None:
    """A word that is no flag and nothing else (CLI-004).

    Raises:
        BadCommand: always.
    """
    raise BadCommand(f'unrecognized command: "{word}"')


def undashed(word: str) -> str:
    """A flag without its one dash or two (CLI-001)."""
    return word.removeprefix("-").removeprefix("-")


def read_flag(found: CommandLine, name: str, text: str | None, rest: Iterator[str]) -> None:
    """One flag, whose value may be the next word."""
    if not name or name.startswith("-"):
        raise UnknownFlag(f"bad flag syntax: -{name}")
    if name in UNSUPPORTED:
        raise BadCommand(f"not supported by the reference: flag -{name}")
    if name in SWITCHES:
        if text is not None and text not in TRUE | FALSE:
            raise BadCommand(f'invalid boolean value "{text}" for -{name}')
        for option in SWITCHES[name]:
            put(found, option, text is None or text in TRUE)
        return
    if name not in VALUES:
        raise UnknownFlag(f"flag provided but not defined: -{name}")
    option, kind = VALUES[name]
    if text is None:
        text = next(rest, None)
        if text is None:
            raise BadCommand(f"flag needs an argument: -{name}")
    try:
        put(found, option, whole(text) if kind is int else text)
    except ValueError:
        raise BadCommand(f'invalid value "{text}" for flag -{name}') from None


def whole(text: str) -> int:
    """A number as Go reads it: decimal, `0x1f`, `0b1`, `0o17`, `017`, with `_` between digits.

    Raises:
        ValueError: it is none.
    """
    if not text.isascii() or text != text.strip():
        raise ValueError(text)
    number = int(OCTAL.sub(r"\g<1>0o", text), 0)
    if not -INTEGERS <= number < INTEGERS:
        raise ValueError(text)
    return number


def put(found: CommandLine, option: str, value: Any) -> None:  # noqa: ANN401 - by option
    """Note one value in the place for its kind."""
    if option == "fault":
        return  # they have been read
    if option in ACTIONS:
        found.actions[option] = value
    elif option in CREDENTIALS:
        found.credentials[option] = value
    else:
        found.overrides[option] = value
