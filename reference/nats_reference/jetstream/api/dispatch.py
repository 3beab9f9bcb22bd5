"""The front door of JetStream: what is published on its subjects, and who answers.

Which subjects there are says jetstream.lark. JS-API-001 .. JS-API-009, JS-API-025, JS-API-031, JS-API-036. A
subject that is none of them is heard and not answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TypeAlias

from nats_reference import info
from nats_reference.jetstream import advisories, direct, domains
from nats_reference.jetstream.addressing import text
from nats_reference.jetstream.api import (
    account,
    answers,
    clustered,
    consumers,
    decoding,
    messages,
    snapshots,
    streams,
)
from nats_reference.jetstream.api.request import Request
from nats_reference.jetstream.consumer import pushing, statuses
from nats_reference.jetstream.errors import ApiError
from nats_spec.recogniser import recogniser

if TYPE_CHECKING:
    from nats_reference.jetstream.account import Account
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

#: A header field, wherever it stands in the block.
LEVEL: Final = re.compile(rb"\r\nNats-Required-Api-Level: *([^\r\n]*)")
NUMBER: Final = re.compile(rb"([+-]?)0*(\d{1,18})")
#: What streams and consumers hear themselves, if they are there: else nobody does.
THEIRS: Final = (b"$JS.API.DIRECT.GET", b"$JS.API.CONSUMER.MSG.NEXT.")

Handler: TypeAlias = Callable[[Request], dict[str, Any]]


class Endpoint(NamedTuple):
    """Who answers, and by what kind of answer."""

    kind: str
    handler: Handler
    #: Whether success is counted and made known (JS-API-025, JS-API-036).
    audited: bool = True
    #: Whether it looks at the API level that a request wants.
    leveled: bool = True


def clustered_only(kind: str) -> Endpoint:
    """What a single server can't do, whatever is asked (JS-API-030)."""
    return Endpoint(kind, clustered.refuse, leveled=False)


ENDPOINTS: Final[dict[str, Endpoint]] = {
    "account_info": Endpoint("account_info_response", account.account_info),
    "stream_create": Endpoint("stream_create_response", streams.create),
    "stream_update": Endpoint("stream_update_response", streams.update),
    "stream_names": Endpoint("stream_names_response", streams.names),
    "stream_list": Endpoint("stream_list_response", streams.listing),
    "stream_info": Endpoint("stream_info_response", streams.info),
    "stream_delete": Endpoint("stream_delete_response", streams.delete),
    "stream_purge": Endpoint("stream_purge_response", messages.purge),
    "stream_msg_get": Endpoint("stream_msg_get_response", messages.get, audited=False),
    "stream_msg_delete": Endpoint("stream_msg_delete_response", messages.delete),
    "stream_snapshot": Endpoint("stream_snapshot_response", snapshots.snapshot),
    "stream_restore": Endpoint("stream_restore_response", snapshots.restore),
    "stream_leader_stepdown": clustered_only("stream_leader_stepdown_response"),
    "stream_remove_peer": clustered_only("stream_remove_peer_response"),
    "stream_evacuate_peer": clustered_only("stream_evacuate_peer_response"),
    "stream_cancel_move": clustered_only("stream_cancel_move_response"),
    "consumer_create": Endpoint("consumer_create_response", consumers.create),
    "consumer_create_ephemeral": Endpoint("consumer_create_response", consumers.create_ephemeral),
    "consumer_create_filtered": Endpoint("consumer_create_response", consumers.create_filtered),
    "consumer_create_durable": Endpoint("consumer_create_response", consumers.create_durable),
    "consumer_names": Endpoint("consumer_names_response", consumers.names),
    "consumer_list": Endpoint("consumer_list_response", consumers.listing),
    "consumer_info": Endpoint("consumer_info_response", consumers.info),
    "consumer_delete": Endpoint("consumer_delete_response", consumers.delete),
    "consumer_leader_stepdown": clustered_only("consumer_leader_stepdown_response"),
}


def open_doors(account: Account) -> None:
    """Have the API heard, and what consumers are told."""

    def api(publisher: Publisher, message: Message, payload: bytes) -> bool:
        return take(account, publisher, message, payload)

    account.hear(b"$JS.API.>", api)
    if account.domain:
        domains.open_door(account)
    account.hear(
        b"$JS.ACK.>", lambda _from, message, payload: acknowledge(account, message, payload)
    )
    account.hear(b"$JS.FC.>", lambda _from, message, payload: flow(account, message, payload))


def take(account: Account, publisher: Publisher, message: Message, payload: bytes) -> bool:
    """Something was published under `$JS.API`; whether anybody is there to take it."""
    subject, reply = message[0], message[1]
    headers, body = parts(message, payload)
    found = recogniser("jetstream", "request").match(subject)
    if found is None:
        return not subject.startswith(THEIRS)
    name, tokens = found
    if name.startswith("direct_get"):
        return direct.take(account, tokens, reply, body, refused=level_refused(headers))
    if name == "consumer_msg_next":
        return next_message(account, tokens, reply, headers, body)
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        return True
    request = Request(account, tuple(map(text, tokens)), headers, body)
    answer, failed = respond(endpoint, request)
    tell_news(account)
    if reply:
        account.publish(reply, None, None, answer)
    if endpoint.audited or failed:
        account.calls += 1
        account.errors += failed
        advisories.audit(account, publisher, subject, body, answer)
    return True


def tell_news(account: Account) -> None:
    """Make known what became of streams (JS-ADV-002), now that what to answer is settled."""
    while account.news:
        advisories.stream_action(account, *account.news.pop(0))


def respond(endpoint: Endpoint, request: Request) -> tuple[bytes, bool]:
    """The answer, and whether it is a failure."""
    try:
        if endpoint.leveled and level_refused(request.headers):
            refuse_level(endpoint.kind, request)
        return answers.encode(endpoint.kind, endpoint.handler(request)), False
    except ApiError as error:
        return answers.refusal(endpoint.kind, error), True


def refuse_level(kind: str, request: Request) -> NoReturn:
    """Say that the level is too high, or what comes before that."""
    read_first(kind, request.body, strict=request.account.options.strict)
    raise ApiError(10185)


def read_first(kind: str, body: bytes, *, strict: bool) -> None:
    """What two endpoints look at before they look at the level (JS-CAPI-040).

    Raises:
        ApiError: the body can't be read (10025), or there should be none (10038).
    """
    if kind == "consumer_create_response":
        decoding.decode("consumer_create_request", body, strict=strict)
    elif kind == "consumer_info_response" and not decoding.empty(body):
        raise ApiError(10038)


def level_refused(headers: bytes) -> bool:
    """Whether a request wants more than this server can do (JS-API-009, JS-API-010)."""
    found = LEVEL.search(headers)
    if found is None or not found[1]:
        return False
    number = NUMBER.fullmatch(found[1])
    return number is None or int(number[1] + number[2]) > info.API_LEVEL


def parts(message: Message, payload: bytes) -> tuple[bytes, bytes]:
    """Header block and body of what came."""
    size = int(message[2]) if message[2] else 0
    return payload[:size], payload[size:-2]


def next_message(
    account: Account, tokens: tuple[bytes, ...], reply: bytes | None, headers: bytes, body: bytes
) -> bool:
    """A pull request (JS-CAPI-032, JS-PULL-034, JS-PULL-036)."""
    group = account.groups.get(text(tokens[0]))
    if group is None or text(tokens[1]) not in group.by_name:
        return False
    if reply and level_refused(headers):
        account.publish(reply, None, statuses.block(statuses.API_LEVEL), b"")
        return True
    return group.pull(text(tokens[1]), reply, body)


def acknowledge(account: Account, message: Message, payload: bytes) -> bool:
    """Something was published to the reply subject of a delivery (JS-ACK-009, JS-ACK-010)."""
    found = account.addressing.read(message[0])
    if found is None:
        return False
    (stream, consumer), token = found
    group = account.groups.get(stream)
    if group is None:
        return False
    _, body = parts(message, payload)
    return group.acknowledge(consumer, token, message[1], body)


def flow(account: Account, message: Message, payload: bytes) -> bool:
    """Something was published to the reply subject of a flow control request."""
    found = recogniser("jetstream", "flow").match(message[0])
    if found is None:
        return False
    stream, consumer = found[1][-3:-1]
    group = account.groups.get(text(stream))
    headers, _ = parts(message, payload)
    return group is not None and pushing.flow(group, text(consumer), message[0], headers)
