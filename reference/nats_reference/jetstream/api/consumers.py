"""The endpoints of consumers (JS-CAPI-001 .. JS-CAPI-035, JS-CONS-CFG-001 .. JS-CONS-CFG-003)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.api import paging
from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.consumer import creating, information
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group

PATH_SEPARATORS = re.compile(r"[\\/]")


def create_ephemeral(request: Request) -> dict[str, Any]:
    """CONSUMER.CREATE.<stream>: nobody needs to know its name (JS-CAPI-003, JS-CAPI-004)."""
    asked = read(request)
    check_name(asked["config"].get("name", ""))
    if asked["config"].get("durable_name"):
        raise ApiError(10020)
    return made(request, asked)


def create(request: Request) -> dict[str, Any]:
    """CONSUMER.CREATE.<stream>.<name> (JS-CAPI-006, JS-CAPI-007)."""
    asked = read(request)
    name = request.names[1]
    check_name(name)
    if asked["config"].get("durable_name") not in {None, "", name}:
        raise ApiError(10017)
    asked["config"]["name"] = name
    return made(request, asked)


def create_filtered(request: Request) -> dict[str, Any]:
    """CONSUMER.CREATE.<stream>.<name>.<filter> (JS-CAPI-008, JS-CAPI-009)."""
    asked = read(request)
    name, pattern = request.names[1:]
    check_name(name)
    config = asked["config"]
    if config.get("durable_name") not in {None, "", name}:
        raise ApiError(10017)
    if config.get("filter_subjects"):
        raise ApiError(10137)
    if config.get("filter_subject") != pattern:
        raise ApiError(10131)
    config["name"] = name
    return made(request, asked)


def create_durable(request: Request) -> dict[str, Any]:
    """CONSUMER.DURABLE.CREATE.<stream>.<name> (JS-CAPI-011)."""
    asked = read(request)
    name = request.names[1]
    check_name(name)
    if not asked["config"].get("durable_name"):
        raise ApiError(10018)
    if asked["config"]["durable_name"] != name:
        raise ApiError(10017)
    asked["config"]["name"] = name
    return made(request, asked)


def read(request: Request) -> dict[str, Any]:
    """The request, which must be about the stream in its subject (JS-CAPI-013)."""
    asked = request.members("consumer_create_request")
    asked.setdefault("config", {})
    if asked.get("stream_name", "") != request.names[0]:
        raise ApiError(10056)
    return asked


def check_name(name: str) -> None:
    """Refuse a name that would be a path (JS-CONS-CFG-002)."""
    if PATH_SEPARATORS.search(name):
        raise ApiError(10127)


def made(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """Make the consumer, or change it."""
    config = configs.from_json(asked["config"])
    if config.num_replicas > 1:
        raise ApiError(10074)
    account = request.account
    stream = account.stream(request.names[0])
    group = account.groups[request.names[0]]
    group.round()
    consumer = creating.create(
        group,
        config,
        account.limits_of(stream),
        action=asked.get("action", ""),
        pedantic=asked.get("pedantic", False),
    )
    # What it delivers at once comes after the answer (JS-CAPI-038).
    told = information.info(consumer)
    group.round()
    return told


def group_of(request: Request) -> Group:
    """The consumers of the stream that is named, everything that arrived taken."""
    account = request.account
    account.stream(request.names[0])
    group = account.groups[request.names[0]]
    group.round()
    return group


def consumer_of(request: Request) -> Consumer:
    """The consumer that is named (JS-CAPI-022 .. JS-CAPI-024)."""
    request.nothing()
    group = group_of(request)
    if request.names[1] not in group.by_name:
        raise ApiError(10014)
    return group.by_name[request.names[1]]


def info(request: Request) -> dict[str, Any]:
    """CONSUMER.INFO."""
    return information.info(consumer_of(request))


def delete(request: Request) -> dict[str, Any]:
    """CONSUMER.DELETE (JS-CAPI-025)."""
    consumer = consumer_of(request)
    consumer.group.delete(consumer)
    consumer.group.round()
    return {"success": True}


def shown(group: Group) -> list[Consumer]:
    """The consumers that lists tell of, by name (JS-CAPI-035)."""
    return [each for _, each in sorted(group.by_name.items()) if not each.config.direct]


def names(request: Request) -> dict[str, Any]:
    """CONSUMER.NAMES."""
    asked = request.optional("consumer_names_request")
    found = [each.name for each in shown(group_of(request))]
    said, part = paging.page(found, asked.get("offset", 0), paging.NAMES)
    return said | {"consumers": list(part)}


def listing(request: Request) -> dict[str, Any]:
    """CONSUMER.LIST."""
    asked = request.optional("consumer_list_request")
    said, part = paging.page(shown(group_of(request)), asked.get("offset", 0), paging.LISTED)
    return said | {"consumers": [information.listed(each) for each in part]}
