"""Faults of chapter 20: what INFO says, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference import replies
from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.options import Options
    from nats_reference.server import Server

INFO = "nats_reference.info"
PING = "nats_reference.operations.ping"


def members(patch: Patch, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the object of every INFO."""
    original = patch.original(f"{INFO}:members")

    def changed(server: Server, connection: Connection, **late: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        found: dict[str, Any] = original(server, connection, **late)
        change(found)
        return found

    patch.attribute(f"{INFO}:members", changed)


@fault("INFO-001", "+OK comes before INFO")
def ok_first(patch: Patch) -> None:
    """A client that reads its first line as INFO fails."""
    greet = patch.original("nats_reference.connection:greet")

    def greet_late(connection: Connection) -> None:
        connection.send(replies.OK)
        greet(connection)

    patch.attribute("nats_reference.connection:greet", greet_late)


@fault("INFO-002", "INFO does not say what the server was built with")
def no_go(patch: Patch) -> None:
    """A mandatory member is missing."""
    members(patch, lambda found: found.__delitem__("go"))


@fault("INFO-002/key", "server_id is not an nkey")
def short_id(patch: Patch) -> None:
    """One letter is missing."""
    members(patch, lambda found: found.update(server_id=found["server_id"][:-1]))


@fault("INFO-002/connection", "server_id is another for each client")
def changing_id(patch: Patch) -> None:
    """The connection's number is written into the id."""
    digits = str.maketrans("0189", "ABCD")

    def number(found: dict[str, Any]) -> None:
        end = str(found["client_id"]).translate(digits)
        found["server_id"] = found["server_id"][: -len(end)] + end

    members(patch, number)


@fault("INFO-003", "a server without a name is called nats-server")
def default_name(patch: Patch) -> None:
    """The id doesn't stand in for the name."""

    def rename(found: dict[str, Any]) -> None:
        if found["server_name"] == found["server_id"]:
            found["server_name"] = "nats-server"

    members(patch, rename)


@fault("INFO-003/configured", "the configured name is not told")
def id_for_name(patch: Patch) -> None:
    """The name is always the id."""
    members(patch, lambda found: found.update(server_name=found["server_id"]))


@fault("INFO-004", "proto is 0")
def old_protocol(patch: Patch) -> None:
    """As servers of long ago said."""
    patch.attribute(f"{INFO}:PROTO", 0)


@fault("INFO-005", "every client reads the same client_id")
def same_number(patch: Patch) -> None:
    """Numbers don't grow."""
    members(patch, lambda found: found.update(client_id=7))


@fault("INFO-005/connz", "client_id is not the cid of /connz")
def other_number(patch: Patch) -> None:
    """They count from different beginnings."""
    members(patch, lambda found: found.update(client_id=found["client_id"] + 1000))


@fault("INFO-006", "client_ip is the address that the server listens on")
def own_address(patch: Patch) -> None:
    """Written the way one would read it in a config file."""
    members(patch, lambda found: found.update(client_ip=f"{found['host']}:{found['port']}"))


@fault("INFO-007", "auth_required is never said")
def never_required(patch: Patch) -> None:
    """Clients learn it from the -ERR."""
    members(patch, lambda found: found.pop("auth_required", None))


@fault("INFO-007/stranger", "auth_required is true though a no_auth_user may come in")
def always_required(patch: Patch) -> None:
    """The greeting says that users exist."""
    patch.attribute(f"{INFO}:HIDE_AUTH_FROM_STRANGERS", False)


@fault("INFO-007/later", "a later INFO hides auth_required because of a no_auth_user")
def hidden_later(patch: Patch) -> None:
    """Only the greeting should."""
    line = patch.original(f"{INFO}:line")
    members(patch, lambda found: found.update(late="connect_info" in found or "ldm" in found))

    def hiding(found: dict[str, Any]) -> bytes:
        if found.pop("late"):
            found.pop("auth_required", None)
        answer: bytes = line(found)
        return answer

    patch.attribute(f"{INFO}:line", hiding)


@fault("INFO-007/open", "auth_required is true where nobody has to say who he is")
def required_by_all(patch: Patch) -> None:
    """Clients without credentials give up."""
    members(patch, lambda found: found.update(auth_required=True))


@fault("INFO-010", "jetstream is announced and not there")
def jetstream(patch: Patch) -> None:
    """Requests to its API find nobody."""
    members(patch, lambda found: found.update(jetstream=True))


@fault("INFO-011", "api_lvl is missing because JetStream is off")
def no_level(patch: Patch) -> None:
    """It should be there all the same."""
    members(patch, lambda found: found.__delitem__("api_lvl"))


@fault("INFO-012", "xkey is the server's id")
def wrong_key(patch: Patch) -> None:
    """A key for signing isn't one for sealing."""
    members(patch, lambda found: found.update(xkey=found["server_id"]))


@fault("INFO-017", "client_advertise has no effect")
def not_advertised(patch: Patch) -> None:
    """Clients are told what the server listens on."""
    patch.attribute(f"{INFO}:advertised", lambda server: (server.options.host, server.port))


@fault("INFO-017/port", "a client_advertise without a port means 4222")
def default_port(patch: Patch) -> None:
    """It should mean the server's own."""
    advertised = patch.original(f"{INFO}:advertised")

    def guess(server: Server) -> tuple[str, int]:
        host, port = advertised(server)
        return host, port if ":" in server.options.client_advertise else 4222

    patch.attribute(f"{INFO}:advertised", guess)


@fault("INFO-017/reload", "a new client_advertise is not told to new connections")
def stale_address(patch: Patch) -> None:
    """What was first said is said for ever."""
    advertised = patch.original(f"{INFO}:advertised")
    first: list[tuple[str, int]] = []

    def once(server: Server) -> tuple[str, int]:
        first.append(advertised(server))
        return first[0]

    patch.attribute(f"{INFO}:advertised", once)


@fault("INFO-019", "no INFO follows the first PONG")
def silent(patch: Patch) -> None:
    """As servers before 2.12 do it."""
    patch.attribute(f"{PING}:wants_info", lambda _connection: False)


@fault("INFO-019/order", "the INFO comes before the first PONG")
def info_before_pong(patch: Patch) -> None:
    """A client that waits for PONG reads something else."""
    original = patch.original(f"{PING}:ping")

    def turned(connection: Connection) -> None:
        before = len(connection.out)
        original(connection)
        connection.out[before:] = reversed(connection.out[before:])

    patch.attribute(f"{PING}:ping", turned)


@fault("INFO-019/protocol", "the INFO after the first PONG goes to clients with protocol 0 too")
def to_everybody(patch: Patch) -> None:
    """They don't expect one."""
    original = patch.original(f"{PING}:wants_info")

    def anybody(connection: Connection) -> bool:
        first = connection.connected and not connection.greeted
        original(connection)
        return first

    patch.attribute(f"{PING}:wants_info", anybody)


@fault("INFO-019/always", "an INFO follows every PONG")
def after_each_pong(patch: Patch) -> None:
    """It should follow the first only."""
    patch.attribute(f"{PING}:wants_info", lambda c: bool(c.connected and c.options.protocol >= 1))


@fault(
    "INFO-019/before",
    "a PING before CONNECT uses up the INFO that should follow the first after it",
)
def too_early(patch: Patch) -> None:
    """The count begins with the connection."""
    original = patch.original(f"{PING}:wants_info")

    def early(connection: Connection) -> bool:
        wanted = bool(original(connection))
        connection.greeted = True
        return wanted

    patch.attribute(f"{PING}:wants_info", early)


@fault("INFO-019/account", "the INFO after the first PONG does not name the account")
def no_account(patch: Patch) -> None:
    """remote_account is left out."""
    patch.attribute(f"{INFO}:place", lambda _connection: {})


@fault("INFO-022", "the INFO at lame duck does not say ldm")
def plain_info(patch: Patch) -> None:
    """Clients think that nothing has happened."""
    line = patch.original(f"{INFO}:line")
    patch.attribute(f"{INFO}:lame_duck", lambda s, c: line(patch.original(f"{INFO}:members")(s, c)))


@fault("INFO-022/protocol", "lame duck is announced to clients with protocol 0 too")
def tell_everybody(patch: Patch) -> None:
    """They don't expect an INFO."""
    patch.attribute("nats_reference.lameduck:wants_to_know", lambda _connection: True)


@fault("INFO-022/unready", "lame duck is announced to clients that have not sent PING yet")
def tell_the_unready(patch: Patch) -> None:
    """They may still be at their greeting."""
    patch.attribute(
        "nats_reference.lameduck:wants_to_know", lambda c: bool(c.options.protocol >= 1)
    )


@fault("INFO-023", "a reload is announced to connected clients")
def announced(patch: Patch) -> None:
    """Those that take a later INFO get one."""
    reload = patch.original("nats_reference.reload:reload")

    def loud(server: Server, new: Options) -> None:
        reload(server, new)
        for connection in server.connections.values():
            if connection.options.protocol >= 1:
                members_of = patch.original(f"{INFO}:members")
                connection.send(patch.original(f"{INFO}:line")(members_of(server, connection)))
        server.flush()

    patch.attribute("nats_reference.reload:reload", loud)


@fault("INFO-025", "headers is true in spite of no_header_support")
def always_headers(patch: Patch) -> None:
    """Clients offer what is then refused."""
    members(patch, lambda found: found.update(headers=True))


@fault("INFO-025/meant", "no_header_support is announced and not meant")
def headers_all_the_same(patch: Patch) -> None:
    """HPUB is taken from whoever sends it."""
    patch.attribute("nats_reference.operations.pub:headers_allowed", lambda _connection: True)
