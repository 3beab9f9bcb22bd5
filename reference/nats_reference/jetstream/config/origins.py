"""Where a stream may take its messages from: mirror and sources, as far as a configuration says it.

JS-CFG-045 .. JS-CFG-058, JS-CFG-060. Copying is another chapter's matter.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from nats_reference.jetstream import transform
from nats_reference.jetstream.errors import ApiError
from nats_spec import names, subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context

API_PREFIX = "$JS.API"
EVERYTHING = ">"
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
    if mirror.get("external") is not None:
        return config
    return like_its_origin(config, mirror, context)


def like_its_origin(config: StreamConfig, mirror: Origin, context: Context) -> StreamConfig:
    """What a mirror takes over from an origin that can be seen (JS-CFG-053, JS-CFG-058)."""
    if not names.valid(mirror["name"]):
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
    consumers: set[str] = set()
    for source in config.sources:
        if not names.valid(source["name"]):
            raise ApiError(10141)
        remember(identity(source), seen, 10140)
        if source.get("filter_subject") and source.get("subject_transforms"):
            raise ApiError(10144)
        check_transforms(source, invalid_source=10145, invalid_destination=10146)
        if transforms_meet(source, subjects.is_subset):
            raise ApiError(10147)
        check_consumer(source, 10215)
        if consumer := source.get("consumer"):
            remember(f"{place(source)} {consumer['name']}", consumers, 10216)
        visible = source.get("external") is None and context.streams.get(source["name"])
        if visible and 0 < config.max_msg_size < visible.max_msg_size:
            raise ApiError(10046)
    return config


def remember(word: str, seen: set[str], err_code: int) -> None:
    """Note a word that may come only once."""
    if word in seen:
        raise ApiError(err_code)
    seen.add(word)


def place(source: Origin) -> str:
    """Where a source is."""
    return json.dumps([source["name"], (source.get("external") or {}).get("api")])


def identity(source: Origin) -> str:
    """What makes two sources of one stream different (JS-CFG-052)."""
    transforms = source.get("subject_transforms") or [{"src": source.get("filter_subject")}]
    pairs = [(each.get("src") or EVERYTHING, each.get("dest") or EVERYTHING) for each in transforms]
    return json.dumps([place(source), (source.get("consumer") or {}).get("name"), pairs])


def check_prefixes(config: StreamConfig, context: Context) -> StreamConfig:
    """The prefixes of external origins, against the subjects of those that aren't (JS-CFG-055)."""
    origins = [config.mirror, *config.sources] if config.mirror else list(config.sources)
    outside = [each["external"] for each in origins if each.get("external") is not None]
    captured = [
        subject
        for each in origins
        if each.get("external") is None and each["name"] in context.streams
        for subject in context.streams[each["name"]].subjects
    ]
    for prefix in filter(None, (each["deliver"] for each in outside)):
        check_deliver(prefix, captured)
    for prefix in filter(None, (each["api"] for each in outside)):
        check_api(prefix)
    return config


def check_deliver(prefix: str, captured: list[str]) -> None:
    """Where messages from elsewhere come in."""
    if not subjects.valid_literal(prefix.encode()):
        raise ApiError(10024, prefix=prefix)
    for each in captured:
        if subjects.collide(each.encode(), f"{prefix}.{each}".encode()):
            raise ApiError(10022, prefix=prefix, subject=each)


def check_api(prefix: str) -> None:
    """Where the API is elsewhere."""
    if not subjects.valid_literal(prefix.encode()):
        raise invalid(
            f'stream external api prefix "{prefix}" must be a valid subject without wildcards'
        )
    if prefix == API_PREFIX:
        raise ApiError(10021, prefix=prefix, subject=API_PREFIX)


def check_filters(config: StreamConfig) -> None:
    """Filters of a new stream must be subjects; nothing else says so (JS-CFG-050)."""
    named = [(each, "source:") for each in config.sources]
    if config.mirror:
        named.insert(0, (config.mirror, "mirror"))
    for origin, where in named:
        pattern = origin.get("filter_subject")
        if pattern and not subjects.valid_subscription(pattern.encode()):
            raise ApiError(10049, err=f"subject filter '{pattern}' for the {where} invalid subject")


def check_consumer(origin: Origin, err_code: int) -> None:
    """A consumer that is named must have a name and a literal subject, and no start (JS-CFG-056)."""
    consumer = origin.get("consumer")
    if consumer is None:
        return
    starts = origin.get("opt_start_seq") or origin.get("opt_start_time")
    literal = subjects.valid_literal(consumer.get("deliver_subject", "").encode())
    named = names.valid(consumer.get("name", ""))
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
            if origin.get("external") is not None:
                continue
            name = origin["name"]
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
