"""Faults of chapter 85: how a configuration file is read, and what a check finds in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nats_reference.config import values
from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import register, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.config.nodes import Block, Entry

CONFIG = "nats_reference.config"
#: What replaces what in the grammar.
MISREADINGS = [
    ("CONF-SYN-001", "an equals sign is no sign", "_SIGN.1: /[:=]/", "_SIGN.1: /:/"),
    ("CONF-SYN-002", "// begins no comment", r"(?:#|\/\/)[^\r\n]*", r"#[^\r\n]*"),
    ("CONF-SYN-002/semicolon", "a semicolon ends nothing", '_NL | "," | ";" |', '_NL | "," |'),
    ("CONF-SYN-003", "yes and on are text", "(?:true|yes|on|false|no|off)", "(?:true|false)"),
    ("CONF-SYN-003/date", "a date is text", "DATE.3:", "DATE.3: /\\x01/ //"),
    ("CONF-SYN-004", "no braces around a file", ' | "{" _lead? _entries? "}" _lead?', ""),
    ("CONF-SYN-008", "a hash is a variable", r"HASH.4: /\$2a", r"HASH.4: /\$2z"),
    ("CONF-SYN-012", "lines don't part elements", '_gaps: _NL | ","', '_gaps: ","'),
]  # fmt: skip


def misread(name: str, text: str, old: str, new: str) -> None:
    """Make a fault of another grammar."""

    def install(patch: Patch) -> None:
        patch.grammar("config", old, new)

    fault(name, text)(install)


for row in MISREADINGS:
    misread(*row)

register(
    [
        ("CONF-SYN-003/escape", "backslash n is an n", f"{CONFIG}.words:ESCAPES",
         {b"n": b"n", b"t": b"t", b"r": b"r", b'"': b'"', b"\\": b"\\"}),
        ("CONF-SYN-005", "kb is a thousand", f"{CONFIG}.numbers:BINARY", 1000),
        ("CONF-SYN-005/k", "k is 1024", f"{CONFIG}.numbers:DECIMAL", 1024),
        ("CONF-SYN-007", "files are found in the working directory", f"{CONFIG}.document:beside",
         lambda _, name: Path(name)),
        ("CONF-SYN-013", "a number of seconds is a duration to a check",
         f"{CONFIG}.loader:warnings", lambda *_: ()),
    ]
)  # fmt: skip


@fault("CONF-SYN-006", "a variable is looked up in its own block only")
def short_sighted(patch: Patch) -> None:
    """Blocks around don't count."""
    wrap(patch, f"{CONFIG}.document:resolved", lambda find, name, scopes: find(name, scopes[-1:]))


@fault("CONF-SYN-006/outside", "the environment is text")
def plain_environment(patch: Patch) -> None:
    """A number there is none."""

    def quoted(read: Callable[..., Any], variable: Any, value: bytes, depth: int) -> Any:  # noqa: ANN401
        return read(variable, b"'%b'" % value.strip(b"'\""), depth)

    wrap(patch, f"{CONFIG}.document:outside", quoted)


@fault("CONF-SYN-009", "the first of equal keys wins")
def first_wins(patch: Patch) -> None:
    """What is said later is not heard."""

    def put(self: Block, entry: Entry) -> None:
        self.entries.setdefault(entry.key.lower(), entry)
        self.exact.setdefault(entry.key, entry)

    patch.attribute(f"{CONFIG}.nodes:Block.put", put)


@fault("CONF-SYN-009/case", "options are known in lower case only")
def lower_case_only(patch: Patch) -> None:
    """PORT is nothing."""

    def put(self: Block, entry: Entry) -> None:
        self.entries[entry.key] = entry
        self.exact[entry.key] = entry

    patch.attribute(f"{CONFIG}.nodes:Block.put", put)


@fault("CONF-SYN-010", "unknown fields are ignored")
def unknown_is_ignored(patch: Patch) -> None:
    """A slip of the pen is never found."""
    wrap(
        patch,
        f"{CONFIG}.loader:settings",
        lambda read, key, entry, found, _: read(key, entry, found, {key}),
    )


@fault("CONF-SYN-010/variable", "a field that is used as a variable is unknown")
def variables_are_unknown(patch: Patch) -> None:
    """Only options can be variables."""
    wrap(
        patch,
        f"{CONFIG}.loader:settings",
        lambda read, key, entry, found, _: read(key, entry, found, set()),
    )


@fault("CONF-SYN-011", "errors have the column of the line's start")
def no_column(patch: Patch) -> None:
    """Where in the line, nobody knows."""
    wrap(
        patch,
        f"{CONFIG}.nodes:ConfigError.__init__",
        lambda make, self, text, at: make(self, text, at._replace(column=1)),
    )


@fault("CONF-SYN-011/line", "errors have the line after theirs")
def another_line(patch: Patch) -> None:
    """Counting from 0, and adding 2."""
    wrap(
        patch,
        f"{CONFIG}.nodes:ConfigError.__init__",
        lambda make, self, text, at: make(self, text, at._replace(line=at.line + 1)),
    )


@fault("CONF-SYN-011/switch", "any word is a switch")
def any_switch(patch: Patch) -> None:
    """What is not true is false."""
    from nats_reference.config import keys  # noqa: PLC0415 - a fault is seldom installed

    read = {"debug": ("debug", lambda _: False)}
    patch.attribute(f"{CONFIG}.loader:KEYS", keys.KEYS | read)


@fault("CONF-SYN-014", "listen takes no port alone")
def no_port_alone(patch: Patch) -> None:
    """A host has to be there."""

    def strict(read: Callable[..., Any], entry: Entry) -> Any:  # noqa: ANN401 - host and port
        if values.is_bare_number(entry):
            raise values.wrong(entry, "host:port")
        return read(entry)

    wrap(patch, f"{CONFIG}.values:address", strict)


@fault("CONF-VAL-001", "a server's name may have blanks")
def blank_names(patch: Patch) -> None:
    """Any text is a name."""
    from nats_reference.config import keys  # noqa: PLC0415 - a fault is seldom installed

    read = {"server_name": ("server_name", values.text)}
    patch.attribute(f"{CONFIG}.loader:KEYS", keys.KEYS | read)


@fault("CONF-VAL-001/subject", "permissions are for any text")
def any_subject(patch: Patch) -> None:
    """Nothing matches it, and nobody is told."""
    patch.attribute("nats_spec.subjects:valid_subscription", lambda _: True)


@fault("CONF-OPT-001", "an option that isn't supported is ignored")
def ignored(patch: Patch) -> None:
    """It seems to be obeyed."""

    def lax(read: Callable[..., Any], key: str, *rest: Any) -> Any:  # noqa: ANN401 - handed on
        return {} if key == "websocket" else read(key, *rest)

    wrap(patch, f"{CONFIG}.loader:settings", lax)


@fault("CLI-006", "the digest is that of the keys in their order")
def keys_only(patch: Patch) -> None:
    """Values don't count, and layout does."""

    def digest(top: Block) -> str:
        return "sha256:" + hashlib.sha256(",".join(top.exact).encode()).hexdigest()

    patch.attribute(f"{CONFIG}.digest:digest", digest)
