"""Faults of chapter 20: CONNECT again, /connz, and credentials before anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.auth import users
from nats_reference.faults import Patch, fault
from nats_reference.faults.connect import CONNECT, CONNECTION, first_word, reading

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.operations.connect import ConnectOptions
    from nats_reference.options import Options


@fault("CONN-009", "a second CONNECT keeps the subscriptions")
def keep_subscriptions(patch: Patch) -> None:
    """As servers before 2.12.8 do it."""
    patch.attribute(f"{CONNECT}:drop_subscriptions", lambda _connection: None)


@fault("CONN-009/queue", "a second CONNECT keeps the queue subscriptions")
def keep_queues(patch: Patch) -> None:
    """Only the plain ones go."""

    def drop(connection: Connection) -> None:
        for subscription in tuple(connection.subscriptions.values()):
            if subscription.queue is None:
                connection.forget(subscription)

    patch.attribute(f"{CONNECT}:drop_subscriptions", drop)


@fault("CONN-010", "the credentials of a second CONNECT are not looked at")
def trusting(patch: Patch) -> None:
    """Once in, always in."""

    def keep(before: ConnectOptions, _text: bytes, said: ConnectOptions) -> ConnectOptions:
        return replace(said, auth_token=before.auth_token) if before.auth_token else said

    reading(patch, keep)


@fault("CONN-011", "a second CONNECT can't turn verbose on")
def stay_quiet(patch: Patch) -> None:
    """What is quiet stays quiet."""
    reading(
        patch,
        lambda before, _text, said: said if before.verbose else replace(said, verbose=False),
    )


@fault("CONN-014", "/connz does not show the version of a client")
def no_version(patch: Patch) -> None:
    """Only its name and language."""
    common = patch.original("nats_reference.monitoring.connz:common")

    def hidden(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        found: dict[str, Any] = common(*arguments)
        found.pop("version", None)
        return found

    patch.attribute("nats_reference.monitoring.connz:common", hidden)


@fault("CONN-014/silent", "/connz shows a name that was not given")
def empty_name(patch: Patch) -> None:
    """It is empty then."""
    common = patch.original("nats_reference.monitoring.connz:common")
    patch.attribute("nats_reference.monitoring.connz:common", lambda *a: {"name": "", **common(*a)})


@fault("CONN-015", "only a letter as the first byte is refused for the lack of credentials")
def letters_only(patch: Patch) -> None:
    """Other garbage is an unknown operation."""
    original = patch.original(f"{CONNECTION}._may_begin")

    def may_begin(self: Connection, line: bytes) -> bool:
        return not line[:1].isalpha() or bool(original(self, line))

    patch.attribute(f"{CONNECTION}._may_begin", may_begin)


@fault(
    "CONN-015/line", "a first operation without credentials is refused when its line is complete"
)
def patient(patch: Patch) -> None:
    """The first byte doesn't suffice."""
    original = patch.original(f"{CONNECTION}._may_begin")

    def may_begin(self: Connection, line: bytes) -> bool:
        return not line.endswith(b"\n") or bool(original(self, line))

    patch.attribute(f"{CONNECTION}._may_begin", may_begin)


@fault("CONN-016", "no_auth_user does not let operations come before CONNECT")
def introduce_yourself(patch: Patch) -> None:
    """It only stands in for credentials that CONNECT lacks."""
    first_word(patch, lambda c, line: not c.awaiting_auth or c.server.language.may_be_connect(line))


@fault("CONN-016/permissions", "a stranger may do more than no_auth_user")
def unlimited(patch: Patch) -> None:
    """It acts as nobody in particular."""
    authenticate = patch.original("nats_reference.auth.users:authenticate")

    def anybody(options: Options, said: ConnectOptions) -> users.User | None:
        known = authenticate(options, said)
        return users.ANYBODY if known is not None and not said.user else known

    patch.attribute("nats_reference.auth.users:authenticate", anybody)
