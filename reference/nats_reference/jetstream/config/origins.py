"""Where a stream may take its messages from: mirror and sources, as far as a configuration says it.

JS-CFG-045 .. JS-CFG-058, JS-CFG-060. Copying is another chapter's matter.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from nats_reference.jetstream import transform
from nats_reference.jetstream.errors import ApiError
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context

BAD_NAME = re.compile(r"[\s.*>\\/]|^$")
API_PREFIX = "$JS.API"
#: What a mirror can't be or have besides, and the error of each, in order (JS-CFG-045).
NOT_MIRRORED: tuple[tuple[str, int], ...] = (
    ("first_seq", 10143),
    ("subjects", 10034),
    ("sources", 10031),
    ("allow_msg_counter", 10173),
    ("allow_atomic", 10198),
    ("allow_batched", 10209),
    ("allow_msg_schedules", 10186),
)

Origin: TypeAlias = "Mapping[str, Any]"


def invalid(text: str) -> ApiError:
    """The refusal of a configuration, for which the text alone says why."""
    return ApiError(10052, err=text)


def check_mirror(config: StreamConfig, context: Context) -> StreamConfig:
    """A mirror is nothing else, and as large as its origin (JS-CFG-045 .. JS-CFG-058)."""
    mirror = config.mirror
    if mirror is None:
        if config.mirror_direct:
            raise invalid("stream has no mirror but does have mirror direct")
        return config
    for name, err_code in NOT_MIRRORED:
        if getattr(config, name):
            raise ApiError(err_code)
    check_consumer(mirror, 10213)
    if mirror.get("filter_subject") and mirror.get("subject_transforms"):
        raise ApiError(10150)
    if config.subject_delete_marker_ttl > 0:
        raise invalid("subject delete markers forbidden on mirrors")
    check_transforms(mirror, invalid_source=10151, invalid_destination=10154)
    if transforms_meet(mirror, subjects.collide):
        raise ApiError(10152)
    if mirror.get("external"):
        check_external(mirror["external"], ())
        return config
    return like_its_origin(config, mirror, context)


def like_its_origin(config: StreamConfig, mirror: Origin, context: Context) -> StreamConfig:
    """What a mirror takes over from an origin that can be seen (JS-CFG-053, JS-CFG-058)."""
    if BAD_NAME.search(mirror.get("name", "")):
        raise ApiError(10142)
    origin = context.streams.get(mirror["name"])
    if origin is None:
        return config
    if 0 < config.max_msg_size < origin.max_msg_size:
        raise ApiError(10030)
    if context.pedantic and config.mirror_direct != origin.allow_direct:
        raise ApiError(10157, err="origin stream has direct get set, mirror has it disabled")
    return replace(config, mirror_direct=origin.allow_direct)


def check_sources(config: StreamConfig, context: Context) -> StreamConfig:
    """Each source by itself, and no two alike (JS-CFG-046 .. JS-CFG-056, JS-CFG-060)."""
    if config.sources and config.allow_msg_schedules:
        raise ApiError(10187)
    seen: set[str] = set()
    consumers: set[tuple[str, str]] = set()
    for source in config.sources:
        name = source.get("name", "")
        if BAD_NAME.search(name):
            raise ApiError(10141)
        identity = json.dumps([name, *(source.get(key) for key in IDENTITY)], sort_keys=True)
        if identity in seen:
            raise ApiError(10140)
        seen.add(identity)
        if source.get("filter_subject") and source.get("subject_transforms"):
            raise ApiError(10144)
        check_transforms(source, invalid_source=10145, invalid_destination=10146)
        if transforms_meet(source, subjects.is_subset):
            raise ApiError(10147)
        check_consumer(source, 10215)
        if consumer := source.get("consumer"):
            reference = (name, consumer["name"])
            if reference in consumers:
                raise ApiError(10216)
            consumers.add(reference)
        check_visible(config, source, context)
    return config


#: What makes two sources of one stream different (JS-CFG-052).
IDENTITY = ("filter_subject", "subject_transforms", "external")


def check_visible(config: StreamConfig, source: Origin, context: Context) -> None:
    """What can be seen of the origin: its size; of an external one its prefixes."""
    if source.get("external"):
        check_external(source["external"], config.subjects)
        return
    filter_subject = source.get("filter_subject", "")
    if filter_subject and not subjects.valid_subscription(filter_subject.encode()):
        raise ApiError(10049, err="malformed subject")
    origin = context.streams.get(source["name"])
    if origin is not None and 0 < config.max_msg_size < origin.max_msg_size:
        raise ApiError(10046)


def check_consumer(origin: Origin, err_code: int) -> None:
    """A consumer that is named must have a name and a literal subject, and no start (JS-CFG-056)."""
    consumer = origin.get("consumer")
    if not consumer:
        return
    starts = origin.get("opt_start_seq") or origin.get("opt_start_time")
    literal = subjects.valid_literal(consumer.get("deliver_subject", "").encode())
    named = not BAD_NAME.search(consumer.get("name", ""))
    if not named or not literal or starts or origin.get("filter_subject"):
        raise ApiError(err_code)


def check_transforms(origin: Origin, *, invalid_source: int, invalid_destination: int) -> None:
    """Each transform must be one (JS-CFG-049)."""
    for mapping in origin.get("subject_transforms") or ():
        source, destination = mapping.get("src", ""), mapping.get("dest", "")
        if source and not subjects.valid_subscription(source.encode()):
            raise ApiError(invalid_source, err=f"invalid subject {source}")
        try:
            transform.compiled(source, destination, lambda _below: 0)
        except transform.InvalidTransform as error:
            raise ApiError(invalid_destination, err=error) from None


def transforms_meet(origin: Origin, meet: Any) -> bool:  # noqa: ANN401 - a relation of subjects
    """Whether two transforms speak of the same subject."""
    sources = [each.get("src", "").encode() for each in origin.get("subject_transforms") or ()]
    return any(
        meet(one, other)
        for place, one in enumerate(sources)
        for other_place, other in enumerate(sources)
        if place != other_place
    )


def check_external(external: Mapping[str, str], captured: tuple[str, ...]) -> None:
    """Prefixes of another domain or account (JS-CFG-055)."""
    deliver, api = external.get("deliver", ""), external.get("api", "")
    if deliver and not subjects.valid_literal(deliver.encode()):
        raise ApiError(10024, prefix=deliver)
    for each in captured:
        if deliver and subjects.collide(each.encode(), f"{deliver}.{each}".encode()):
            raise ApiError(10022, prefix=deliver, subject=each)
    if api and not subjects.valid_literal(api.encode()):
        raise invalid(
            f'stream external api prefix "{api}" must be a valid subject without wildcards'
        )
    if api and subjects.collide(api.encode(), API_PREFIX.encode()):
        raise ApiError(10021, prefix=api, subject=API_PREFIX)


def check_cycles(config: StreamConfig, context: Context) -> StreamConfig:
    """No stream may get its own messages back (JS-CFG-054)."""
    to_visit, visited = [config], set()
    while to_visit:
        at = to_visit.pop(0)
        visited.add(at.name)
        origins = [(each, each.get("filter_subject", "")) for each in at.sources]
        if at.mirror:
            origins.append((at.mirror, ""))
        for origin, filter_subject in origins:
            if origin.get("external"):
                continue
            name = origin.get("name", "")
            if name in visited:
                if touches(at.subjects, filter_subject):
                    raise invalid("detected cycle")
            elif name in context.streams:
                to_visit.append(context.streams[name])
    return config


def touches(captured: tuple[str, ...], filter_subject: str) -> bool:
    """Whether a filter lets in something that is captured."""
    if not filter_subject:
        return True
    return any(subjects.collide(each.encode(), filter_subject.encode()) for each in captured)
