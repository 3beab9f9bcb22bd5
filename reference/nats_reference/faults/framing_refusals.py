"""Faults of chapter 10, framing: what is refused, and how long a line may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.language import Language

LINE = "nats_reference.connection:Connection._line"
KEEP = "nats_reference.connection:Connection._keep"
ARGUMENTS = "nats_reference.language:Language.arguments"
TOO_LONG = "nats_reference.limits:control_line_too_long"


def instead(patch: Patch, pattern: bytes, act: Any) -> None:  # noqa: ANN401 - as the original
    """Have `act(connection)` done with every control line that is like `pattern`."""
    original = patch.original(LINE)
    recognise = re.compile(pattern, re.DOTALL | re.IGNORECASE).fullmatch

    def line(self: Connection, data: bytes, touched: Any) -> Any:  # noqa: ANN401 - as the original
        return act(self) if recognise(data) else original(self, data, touched)

    patch.attribute(LINE, line)


@fault("FRAME-004", "blank lines between operations are skipped")
def blank_lines_skipped(patch: Patch) -> None:
    """A line of blanks is nothing."""
    instead(patch, rb"[ \t]*\r?\n", lambda _: None)


@fault("FRAME-004/late", "an unknown operation is refused when its line ends")
def refused_late(patch: Patch) -> None:
    """A byte that begins nothing is waited upon."""
    patch.attribute("nats_spec.recogniser:Recogniser.viable", lambda *_: True)


@fault("FRAME-006", "a name without a blank is refused silently")
def blank_not_needed(patch: Patch) -> None:
    r"""`SUB\r\n` is taken for a SUB without arguments."""
    patch.grammar("refusals", r"_BLANK_AND_ANYTHING: /[ \t]", "_BLANK_AND_ANYTHING: /")


@fault("FRAME-011", "-ERR of a client is ignored")
def err_ignored(patch: Patch) -> None:
    """The connection goes on."""
    patch.attribute("nats_reference.operations.connect:err", lambda *_: None)


@fault("FRAME-012", "INFO of a client is not read")
def info_not_read(patch: Patch) -> None:
    """What is no JSON is ignored as well."""
    patch.attribute("nats_reference.operations.connect:info", lambda *_: None)


@fault("FRAME-013", "MSG of a client is refused silently")
def msg_refused_silently(patch: Patch) -> None:
    """Its name is known, and there is no right way to use it."""
    patch.grammar("refusals", '?refused: "PUB"i', '?refused: ("PUB"i | "MSG"i)')


@fault("FRAME-014", "subscriptions of routes are ignored")
def routes_ignored(patch: Patch) -> None:
    """RS+ on a client connection is nothing."""
    instead(patch, rb"RS\+ .*", lambda _: None)


@fault("FRAME-018", "wrong arguments are answered with an error")
def arguments_refused_aloud(patch: Patch) -> None:
    """As if the operation were unknown."""
    patch.attribute("nats_reference.language:Language.refused", lambda *_: False)


@fault("FRAME-023", "arguments of exactly max_control_line are too long")
def limit_is_too_long(patch: Patch) -> None:
    """One byte less is allowed."""
    patch.attribute(TOO_LONG, lambda c, text: len(text) >= c.server.options.max_control_line)


@fault("FRAME-023/none", "max_control_line is not enforced")
def no_limit(patch: Patch) -> None:
    """A line may be of any length."""
    patch.attribute(TOO_LONG, lambda *_: False)


@fault("FRAME-024", "max_control_line is enforced when the line ends")
def limit_waits_for_the_end(patch: Patch) -> None:
    """A line without an end fills the memory."""
    original = patch.original(KEEP)

    def keep(self: Connection, fragment: bytes) -> None:
        original(self, fragment[: self.server.options.max_control_line])
        if not self.closed:
            self.rest = fragment

    patch.attribute(KEEP, keep)


@fault("FRAME-025", "CONNECT may be of any length")
def connect_is_not_limited(patch: Patch) -> None:
    """Only the other operations are limited."""
    original = patch.original(ARGUMENTS)

    def arguments(self: Language, line: bytes) -> Any:  # noqa: ANN401 - as the original
        return b"" if line[:7].upper() == b"CONNECT" else original(self, line)

    patch.attribute(ARGUMENTS, arguments)


@fault("FRAME-028", "an HTTP request is refused silently")
def http_refused_silently(patch: Patch) -> None:
    """A browser is told nothing."""
    instead(patch, rb".* HTTP/1\.1\r\n", lambda connection: connection.close("HTTP"))


@fault("FRAME-034", "a line of a name and blanks that ends in a bare LF is skipped")
def bare_lf_skipped(patch: Patch) -> None:
    """What comes next is another line."""
    instead(patch, rb"[A-Z]+[ \t]*\n(?<!PING\n)(?<!PONG\n)", lambda _: None)


@fault("FRAME-035", "HMSG announces an empty message")
def hmsg_is_empty(patch: Patch) -> None:
    """nats-server does so."""
    instead(patch, rb"HMSG .*", lambda _: (b"", None, None, b"0", 0))
