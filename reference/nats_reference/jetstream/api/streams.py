"""The endpoints of streams as a whole: made, changed, told of, deleted.

JS-STREAM-001 .. JS-STREAM-021, JS-API-019 .. JS-API-023.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.api import answers, paging
from nats_reference.jetstream.config import metadata, reading
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.stream import Stream

PATH_SEPARATORS = re.compile(r"[\\/]")
#: Subjects told of in one answer (JS-STREAM-013).
SUBJECTS = 100_000


def create(request: Request) -> dict[str, Any]:
    """STREAM.CREATE."""
    config, pedantic = configuration(request, "stream_create_request")
    if config.name != request.names[0]:
        raise ApiError(10056)
    if PATH_SEPARATORS.search(config.name):
        raise ApiError(10128)
    if config.sealed:
        raise ApiError(10052, err="stream configuration for create can not be sealed")
    if config.mirror_direct and config.mirror is None:
        # An update may say so (2.15.1).
        raise ApiError(10052, err="stream has no mirror but does have mirror direct")
    stream = request.account.create(config, pedantic=pedantic)
    found = answers.stream_members(request.account, stream, domain=False, cluster=False)
    return found | {"did_create": True}


def update(request: Request) -> dict[str, Any]:
    """STREAM.UPDATE; what is wrong with the configuration comes before its name (JS-STREAM-001)."""
    config, pedantic = configuration(request, "stream_update_request")
    stream = request.account.update(request.names[0], config, pedantic=pedantic)
    return answers.stream_members(request.account, stream, cluster=False)


def configuration(request: Request, kind: str) -> tuple[StreamConfig, bool]:
    """The configuration of a request, and whether it wants nothing decided for it."""
    members = request.members(kind)
    return reading.from_json(members), members.get("pedantic", False)


def info(request: Request) -> dict[str, Any]:
    """STREAM.INFO (JS-STREAM-009 .. JS-STREAM-014)."""
    account = request.account
    asked = request.optional("stream_info_request")
    stream = account.stream(request.names[0])
    found = answers.stream_members(account, stream)
    said = dict(answers.PAGING)
    if asked.get("deleted_details"):
        found["state"] = answers.state(account, stream, deleted=True)
    if pattern := asked.get("subjects_filter"):
        said, counts = subjects(stream, pattern, max(asked.get("offset", 0), 0))
        if counts:
            state = found["state"]
            consumers = state.pop("consumer_count")
            found["state"] = {**state, "subjects": counts, "consumer_count": consumers}
    return said | found


def subjects(stream: Stream, pattern: str, offset: int) -> tuple[dict[str, Any], dict[str, int]]:
    """How many messages the subjects have that `pattern` matches, in parts (JS-STREAM-012, JS-STREAM-013)."""
    counts = stream.subjects(pattern.encode())
    if not counts:
        return dict(answers.PAGING), {}
    part = counts[offset : offset + SUBJECTS]
    said = {"total": len(counts), "offset": offset, "limit": SUBJECTS}
    return said, {subject.decode(errors="replace"): count for subject, count in part}


def delete(request: Request) -> dict[str, Any]:
    """STREAM.DELETE (JS-STREAM-016)."""
    request.nothing()
    request.account.delete(request.names[0])
    return {"success": True}


def chosen(request: Request, kind: str) -> tuple[list[str], int]:
    """The names of the streams that are asked for, sorted, and how many to leave out."""
    asked = request.optional(kind)
    pattern, account = asked.get("subject"), request.account
    found = [
        name
        for name, stream in account.streams.items()
        if not pattern or answers.captures(stream, pattern)
    ]
    # What those capture that could not be read is not known.
    unread = () if pattern else account.offline
    return sorted([*found, *unread]), asked.get("offset", 0)


def names(request: Request) -> dict[str, Any]:
    """STREAM.NAMES; no names are null (JS-API-021)."""
    said, part = paging.page(*chosen(request, "stream_names_request"), paging.NAMES)
    return said | {"streams": list(part) or None}


def listing(request: Request) -> dict[str, Any]:
    """STREAM.LIST (JS-API-021, JS-API-023, JS-STREAM-010)."""
    account = request.account
    said, part = paging.page(*chosen(request, "stream_list_request"), paging.LISTED)
    reasons = {name: account.unusable(name) for name in part}
    shown = [listed(request, account.streams[name]) for name in part if not reasons[name]]
    offline = {name: why for name, why in reasons.items() if why}
    found = said | {"streams": shown}
    return found | ({"missing": list(offline), "offline": offline} if offline else {})


def listed(request: Request, stream: Stream) -> dict[str, Any]:
    """A stream in a list, where metadata is as it is kept."""
    found = answers.stream_members(request.account, stream, cluster=False)
    kept = {metadata.REQUIRED: str(metadata.required_level(stream.config))}
    found["config"]["metadata"] = dict(sorted({**stream.config.metadata, **kept}.items()))
    return found
