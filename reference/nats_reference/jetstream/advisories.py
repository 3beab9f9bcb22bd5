"""What JetStream makes known on `$JS.EVENT.>` (JS-ADV-001 .. JS-ADV-003, JS-API-036, JS-STREAM-020).

Nothing is made unless somebody listens. Those of consumers are consumer/advisories.py.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream import times
from nats_reference.jetstream.api import spelling
from nats_reference.routing.itself import Itself

if TYPE_CHECKING:
    from nats_reference.jetstream.outlet import Outlet
    from nats_reference.routing.itself import Publisher

ADVISORY = "io.nats.jetstream.advisory.v1."
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: What each kind of action is announced on.
ACTIONS = {"create": "CREATED", "delete": "DELETED", "modify": "UPDATED"}
AUDIT = b"$JS.EVENT.ADVISORY.API"


def encode(outlet: Outlet, type_: str, members: dict[str, Any]) -> bytes:
    """An advisory's bytes: type, a name of its own, the time, then what it is about."""
    whole = {
        "type": type_,
        "id": "".join(outlet.rng.choices(LETTERS, k=22)),
        "timestamp": times.rfc3339(outlet.clock.wall()),
        **members,
    }
    return spelling.spell(whole | ({"domain": outlet.domain} if outlet.domain else {}))


def stream_action(outlet: Outlet, stream: str, action: str) -> None:
    """A stream was made, changed or deleted (JS-ADV-002)."""
    subject = f"$JS.EVENT.ADVISORY.STREAM.{ACTIONS[action]}.{stream}".encode()
    if outlet.heard(subject):
        members = {"stream": stream, "action": action}
        outlet.publish(subject, None, None, encode(outlet, f"{ADVISORY}stream_action", members))


def audit(
    outlet: Outlet, client: Publisher, subject: bytes, request: bytes, response: bytes
) -> None:
    """Somebody called the API (JS-ADV-003, JS-API-036)."""
    if not outlet.heard(AUDIT):
        return
    members: dict[str, Any] = {
        "server": outlet.server.name,
        "client": described(outlet, client),
        "subject": subject.decode(errors="replace"),
    }
    if request:
        members["request"] = request.decode(errors="replace")
    members["response"] = response.decode()
    outlet.publish(AUDIT, None, None, encode(outlet, f"{ADVISORY}api_audit", members))


def described(outlet: Outlet, client: Publisher) -> dict[str, Any]:
    """Who called."""
    if isinstance(client, Itself):
        return {"acc": outlet.account.name}
    started = outlet.clock.wall() - int((outlet.clock.now() - client.started) * 1e9)
    options = client.options
    found: dict[str, Any] = {
        "start": times.rfc3339(started),
        "host": client.host,
        "id": client.cid,
        "acc": outlet.account.name,
        "user": client.user,
        "name": options.name,
        "lang": options.lang,
        "ver": options.version,
        "server": outlet.server.name,
        "kind": "Client",
        "client_type": "nats",
    }
    return {key: value for key, value in found.items() if value != ""}
