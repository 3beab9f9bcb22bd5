"""Faults of chapter 20: CONNECT, its defaults, its refusals, and credentials."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nats_reference import replies
from nats_reference.faults import Patch, fault
from nats_reference.operations.connect import ConnectOptions, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection

CONNECT = "nats_reference.operations.connect"
CONNECTION = "nats_reference.connection:Connection"

#: Defaults that aren't those of NATS.
WRONG_DEFAULTS: dict[str, bool | int] = {
    "verbose": False,
    "pedantic": False,
    "echo": False,
    "headers": True,
    "protocol": 1,
}


def reading(patch: Patch, change: Callable[..., ConnectOptions]) -> None:
    """Change what CONNECT is taken to say: `change` gets what was before, the text, and the outcome."""
    read = patch.original(f"{CONNECT}:read")
    patch.attribute(
        f"{CONNECT}:read", lambda before, text: change(before, text, read(before, text))
    )


def first_word(patch: Patch, decide: Callable[[Connection, bytes], bool]) -> None:
    """Refuse what a client that hasn't introduced itself says, unless `decide` lets it."""

    def may_begin(self: Connection, line: bytes) -> bool:
        if decide(self, line):
            return True
        self.fail(replies.AUTHORIZATION_VIOLATION, "Authentication Failure")
        return False

    patch.attribute(f"{CONNECTION}._may_begin", may_begin)


@fault("CONN-001", "nothing but CONNECT may be the first operation")
def connect_first(patch: Patch) -> None:
    """Even where nobody has to say who he is."""
    first_word(patch, lambda c, line: c.server.language.may_be_connect(line))


def wrong_default(name: str, value: bool | int, patch: Patch) -> None:
    """Begin with another value of one field."""
    patch.attribute(f"{CONNECT}:DEFAULTS", replace(ConnectOptions(), **{name: value}))  # type: ignore[arg-type]


for _name, _value in WRONG_DEFAULTS.items():
    fault(f"CONN-002/{_name}", f"{_name} is {json.dumps(_value)} by default")(
        partial(wrong_default, _name, _value)
    )


@fault("CONN-003", "a later CONNECT begins with the defaults again")
def forgetful(patch: Patch) -> None:
    """What the first said is forgotten."""
    read = patch.original(f"{CONNECT}:read")
    patch.attribute(f"{CONNECT}:read", lambda _before, text: read(ConnectOptions(), text))


@fault("CONN-003/null", "null sets a field to its default")
def null_resets(patch: Patch) -> None:
    """It should leave it as it was."""
    members = patch.original(f"{CONNECT}:MEMBERS")
    parse = patch.original(f"{CONNECT}:parse")

    def reset(_before: ConnectOptions, text: bytes, said: ConnectOptions) -> ConnectOptions:
        nulls = [name for name, value in (parse(text) or {}).items() if value is None]
        fields = [members[name][0] for name in nulls if name in members]
        return replace(said, **{name: getattr(ConnectOptions(), name) for name in fields})

    reading(patch, reset)


@fault("CONN-004", "a field that is not known is refused")
def strict(patch: Patch) -> None:
    """As a careful reader of JSON would do it."""
    members = patch.original(f"{CONNECT}:MEMBERS")
    parse = patch.original(f"{CONNECT}:parse")

    def refuse(_before: ConnectOptions, text: bytes, said: ConnectOptions) -> ConnectOptions:
        if any(name.lower() not in members for name in parse(text) or {}):
            raise Unreadable("unknown field")
        return said

    reading(patch, refuse)


@fault("CONN-004/case", "keys are known in lower case only")
def exact_keys(patch: Patch) -> None:
    """Any other spelling is an unknown field."""
    patch.attribute(f"{CONNECT}:folded", lambda name: name)


@fault("CONN-004/twice", "of a key that is there twice the first counts")
def first_counts(patch: Patch) -> None:
    """Whatever the letter case."""
    parse = patch.original(f"{CONNECT}:parse")

    def backwards(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept: dict[str, tuple[str, Any]] = {}
        for name, value in pairs:
            kept.setdefault(name.lower(), (name, value))
        return dict(kept.values())

    def read(text: bytes) -> Any:  # noqa: ANN401 - JSON
        parse(text)
        return json.loads(text.decode("utf-8", "replace"), object_pairs_hook=backwards)

    patch.attribute(f"{CONNECT}:parse", read)


@fault("CONN-005", "CONNECT null is refused")
def null_refused(patch: Patch) -> None:
    """It isn't an object."""
    parse = patch.original(f"{CONNECT}:parse")

    def objects(text: bytes) -> Any:  # noqa: ANN401 - JSON
        said = parse(text)
        return [] if said is None else said

    patch.attribute(f"{CONNECT}:parse", objects)


@fault("CONN-006", "a field of the wrong type is ignored")
def lenient(patch: Patch) -> None:
    """The other fields count."""
    check = patch.original(f"{CONNECT}:check")
    members = patch.original(f"{CONNECT}:MEMBERS")
    parse = patch.original(f"{CONNECT}:parse")

    def right(text: bytes) -> Any:  # noqa: ANN401 - JSON
        said = parse(text)
        return {n: v for n, v in said.items() if fits(n, v)} if isinstance(said, dict) else said

    def fits(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
        try:
            check(name, value, members[name.lower()][1])
        except (KeyError, Unreadable):
            return False
        return True

    patch.attribute(f"{CONNECT}:parse", right)


@fault("CONN-006/number", "protocol may be written with a point")
def whole_numbers(patch: Patch) -> None:
    """1.0 is an integer to JSON Schema, not to a server."""
    parse = patch.original(f"{CONNECT}:parse")

    def rounded(text: bytes) -> Any:  # noqa: ANN401 - JSON
        said = parse(text)
        if isinstance(said, dict) and isinstance(said.get("protocol"), float):
            said["protocol"] = int(said["protocol"])
        return said

    patch.attribute(f"{CONNECT}:parse", rounded)


@fault("CONN-006/rest", "text after the JSON is ignored")
def prefix(patch: Patch) -> None:
    """Reading ends where the object ends."""
    decode = json.JSONDecoder().raw_decode

    def beginning(text: bytes) -> Any:  # noqa: ANN401 - JSON
        try:
            return decode(text.decode("utf-8", "replace").strip())[0]
        except ValueError as error:
            raise Unreadable(str(error)) from None

    patch.attribute(f"{CONNECT}:parse", beginning)


@fault("CONN-006/word", "a broken CONNECT is answered with 'Parser Error'")
def talkative(patch: Patch) -> None:
    """The documentation says so, and no server does it."""
    connect = patch.original(f"{CONNECT}:connect")
    read = patch.original(f"{CONNECT}:read")

    def answering(connection: Connection, text: bytes) -> None:
        try:
            read(connection.options, text)
        except Unreadable:
            connection.send_error("Parser Error")
        connect(connection, text)

    patch.attribute(f"{CONNECT}:connect", answering)


@fault("CONN-007", "any protocol up to 9 is accepted")
def future_protocols(patch: Patch) -> None:
    """As if the next versions were known."""
    patch.attribute(f"{CONNECT}:PROTOCOLS", range(10))


@fault("CONN-007/negative", "a negative protocol is accepted")
def past_protocols(patch: Patch) -> None:
    """Only the upper end is looked at."""
    patch.attribute(f"{CONNECT}:PROTOCOLS", range(-(1 << 63), 2))


@fault("CONN-008", "an account in CONNECT is ignored")
def any_account(patch: Patch) -> None:
    """The client believes to be in it."""
    reading(patch, lambda _before, _text, said: replace(said, account=""))


@fault("CONN-008/new", "new_account in CONNECT is ignored")
def any_new_account(patch: Patch) -> None:
    """The client believes to have one of its own."""
    reading(patch, lambda _before, _text, said: replace(said, new_account=False))


@fault("CONN-012", "no_responders without headers is accepted")
def no_headers_needed(patch: Patch) -> None:
    """It is as good as not said."""

    def drop(_before: ConnectOptions, _text: bytes, said: ConnectOptions) -> ConnectOptions:
        return said if said.headers else replace(said, no_responders=False)

    reading(patch, drop)


@fault("CONN-013", "a client that wants TLS is refused")
def insist_on_tls(patch: Patch) -> None:
    """It should be the client's to close."""
    connect = patch.original(f"{CONNECT}:connect")

    def refusing(connection: Connection, text: bytes) -> None:
        if b'"tls_required":true' in text:
            connection.fail("Secure Connection - TLS Required", "TLS Required")
        else:
            connect(connection, text)

    patch.attribute(f"{CONNECT}:connect", refusing)
