"""What is too much, for the server or for an account.

FRAME-023 .. FRAME-025, PUB-003 .. PUB-005, LIM-002 .. LIM-009, SUBJ-008, ACC-LIM-001 .. ACC-LIM-008.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.accounts import Account
    from nats_reference.connection import Connection
    from nats_reference.server import Server

#: The limit that is none (PUB-005).
NO_LIMIT = -1
#: How full an outgoing buffer is when publishers to it are slowed down (LIM-011).
STALL_SHARE = 0.75
#: How long a publisher is then held up, in seconds.
STALL_SECONDS = 0.005


def payload_too_long(connection: Connection, length: int) -> bool:
    """Header block and payload together; exactly the limit is accepted."""
    limit = connection.server.options.max_payload
    return length > limit != NO_LIMIT or 0 <= connection.account.limits.payload < length


def max_payload(connection: Connection) -> int:
    """The largest message that this client may send (ACC-LIM-003)."""
    limit, own = connection.server.options.max_payload, connection.account.limits.payload
    return own if own >= 0 and (own < limit or limit == NO_LIMIT) else limit


def control_line_too_long(connection: Connection, arguments: bytes) -> bool:
    """What follows the verb and its blanks; exactly the limit is accepted."""
    return len(arguments) > connection.server.options.max_control_line


def too_many_subscriptions(connection: Connection) -> bool:
    """Of one connection; 0 is no limit (LIM-005)."""
    limit, count = connection.server.options.max_subscriptions, len(connection.subscriptions)
    return 0 < limit <= count or 0 <= connection.account.limits.subscriptions <= count


def beyond_subscriptions(connection: Connection) -> bool:
    """Whether a client has more than its account lets it, since that was changed (ACC-LIM-008)."""
    return 0 <= connection.account.limits.subscriptions < len(connection.subscriptions)


def account_full(connection: Connection, account: Account) -> bool:
    """Whether there is no room in the account for this client, unless it is there (ACC-LIM-001)."""
    others = len(account.clients) - (connection in account.clients)
    return 0 <= account.limits.connections <= others


def too_many_tokens(connection: Connection, subject: bytes) -> bool:
    """Of a subscription's subject; `>` counts as one (SUBJ-008)."""
    limit = connection.server.options.max_subscription_tokens
    return 0 < limit < len(subjects.tokens(subject))


def too_many_connections(server: Server) -> bool:
    """Whether there is no room for one more; a negative limit is room for none (LIM-003)."""
    limit = server.options.max_connections
    return limit < 0 or 0 < limit <= len(server.connections)


def too_much_pending(connection: Connection, pending: int) -> bool:
    """Whether a client has left so much unread that it is cut off (LIM-009)."""
    return pending > connection.server.options.max_pending
