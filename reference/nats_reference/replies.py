"""What a server says that isn't a message: +OK, PING, PONG and every -ERR.

FRAME-029 and FRAME-031. Texts are those of nats-server. A text that names a
subject quotes it the way Go does (`quoted`).
"""

from __future__ import annotations

OK = b"+OK\r\n"
PING = b"PING\r\n"
PONG = b"PONG\r\n"

UNKNOWN_OPERATION = "Unknown Protocol Operation"
MAX_CONTROL_LINE = "maximum control line exceeded"
MAX_PAYLOAD = "Maximum Payload Violation"
INVALID_SUBJECT = "Invalid Subject"
INVALID_PUBLISH_SUBJECT = "Invalid Publish Subject"
MAX_SUBSCRIPTIONS = "maximum subscriptions exceeded"
MAX_CONNECTIONS = "maximum connections exceeded"
MAX_ACCOUNT_CONNECTIONS = "maximum account active connections exceeded"
AUTHORIZATION_VIOLATION = "Authorization Violation"
AUTHENTICATION_TIMEOUT = "Authentication Timeout"
INVALID_PROTOCOL = "invalid client protocol"
NO_RESPONDERS_NEEDS_HEADERS = "no responders requires headers support"
STALE_CONNECTION = "Stale Connection"

#: Escapes that Go's %q writes with a letter.
ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}


def error(text: str) -> bytes:
    """The control line of an error."""
    return b"-ERR '%b'\r\n" % text.encode()


def quoted(word: bytes) -> str:
    """`word` in double quotes, what can't be printed escaped, as Go's %q does it."""
    return '"' + "".join(map(_escaped, word.decode("utf-8", "surrogateescape"))) + '"'


def _escaped(char: str) -> str:
    code = ord(char)
    if char in ESCAPES:
        return ESCAPES[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def publish_denied(subject: bytes) -> str:
    """ERR-006."""
    return f"Permissions Violation for Publish to {quoted(subject)}"


def reply_denied(reply: bytes) -> str:
    """ERR-009."""
    return f"Permissions Violation for Publish with Reply of {quoted(reply)}"


def subscription_denied(subject: bytes, queue: bytes | None, sid: bytes | None = None) -> str:
    """ERR-007; with `sid` ERR-008."""
    text = f"Permissions Violation for Subscription to {quoted(subject)}"
    if queue is not None:
        text += f" using queue {quoted(queue)}"
    if sid is not None:
        text += f" (sid {quoted(sid)})"
    return text


def too_many_tokens(subject: bytes) -> str:
    """ERR-010."""
    return f"Permissions Violation for Subscription to {quoted(subject)}, too many tokens"
