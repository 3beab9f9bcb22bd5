"""Which subjects a stream may capture, and what it may make of them.

JS-CFG-034 .. JS-CFG-044, JS-LIM-028, JS-LIM-029. Overlap with other streams is the
account's matter (JS-CFG-036).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.jetstream.errors import ApiError
from nats_reference.jetstream.transform import InvalidTransform, compiled
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context

EVERYTHING = ">"
#: What belongs to servers, the part of it that streams may have, and whose it is (JS-CFG-038).
RESERVED: tuple[tuple[bytes, bytes, str], ...] = (
    (b"$JS.>", b"$JS.EVENT.>", "jetstream"),
    (b"$JSC.>", b"$JS.EVENT.>", "jetstream"),
    (b"$NRG.>", b"$JS.EVENT.>", "jetstream"),
    (b"$SYS.>", b"$SYS.ACCOUNT.>", "system"),
)


def invalid(text: str) -> ApiError:
    """The refusal of a configuration, for which the text alone says why."""
    return ApiError(10052, err=text)


def check_subjects(config: StreamConfig, _context: Context) -> StreamConfig:
    """Its own name if nothing is said; else valid, apart from each other, and free (JS-CFG-001)."""
    if not config.subjects:
        alone = not (config.mirror or config.sources)
        return replace(config, subjects=(config.name,)) if alone else config
    if config.mirror:
        raise ApiError(10034)
    for place, subject in enumerate(config.subjects):
        if not subjects.valid_subscription(subject.encode()):
            raise invalid("invalid subject")
        if subject in config.subjects[:place]:
            raise invalid("duplicate subjects detected")
        check_reserved(config, subject)
        for other in config.subjects[place + 1 :]:
            if subjects.collide(other.encode(), subject.encode()):
                raise invalid(f'subject "{subject}" overlaps with "{other}"')
    return config


def check_reserved(config: StreamConfig, subject: str) -> None:
    """Everything, and what is the server's, only without acknowledgements (JS-CFG-037, JS-CFG-038)."""
    if subject == EVERYTHING:
        if not config.no_ack:
            raise invalid("capturing all subjects requires no-ack to be true")
        if config.num_replicas != 1:
            raise invalid("capturing all subjects requires replicas of 1")
    if config.no_ack:
        return
    for space, free, owner in RESERVED:
        wanted = subject.encode()
        if subjects.collide(wanted, space) and not subjects.is_subset(wanted, free):
            api = f"subjects that overlap with {owner} api require no-ack to be true"
            raise invalid(api)


def check_reservation(config: StreamConfig, context: Context) -> StreamConfig:
    """What the account says of max_bytes (JS-LIM-028)."""
    if context.max_bytes_required and config.max_bytes <= 0:
        raise ApiError(10113)
    if 0 < context.max_stream_bytes < config.max_bytes:
        raise ApiError(10122)
    return config


def check_transform(config: StreamConfig, _context: Context) -> StreamConfig:
    """What becomes of subjects on their way in (JS-CFG-040)."""
    mapping = config.subject_transform
    if mapping is not None:
        if mapping.src and not subjects.valid_subscription(mapping.src.encode()):
            raise ApiError(10155, err=f"invalid subject {mapping.src}")
        try:
            compiled(mapping.src, mapping.dest, lambda _below: 0)
        except InvalidTransform as error:
            raise ApiError(10156, err=error) from None
    return config


def check_republish(config: StreamConfig, context: Context) -> StreamConfig:
    """Where stored messages are published again (JS-CFG-041 .. JS-CFG-044)."""
    copy = config.republish
    if copy is None:
        return config
    if not copy.src:
        if context.pedantic:
            raise ApiError(10157, err="republish source can not be empty")
        copy = replace(copy, src=EVERYTHING)
    mapping = config.subject_transform
    whole = (copy.src, copy.dest) == (EVERYTHING, EVERYTHING)
    if whole and mapping is not None and config.subjects == (mapping.src,):
        if context.pedantic:
            raise ApiError(10157, err="implicit republish based on subject transform")
        copy = replace(copy, src=mapping.dest, dest=mapping.dest)
    if any(subjects.collide(copy.dest.encode(), each.encode()) for each in config.subjects):
        raise invalid("stream configuration for republish destination forms a cycle")
    try:
        compiled(copy.src, copy.dest, lambda _below: 0)
    except InvalidTransform:
        raise invalid(
            "stream configuration for republish with transform "
            f"from '{copy.src}' to '{copy.dest}' not valid"
        ) from None
    return replace(config, republish=copy)
