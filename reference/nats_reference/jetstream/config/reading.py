"""A stream's configuration to and from JSON (JS-STREAM-004, JS-STREAM-009).

Members stand in nats-server's order; those that are left out when they say
nothing are a table. Leaves out what is refused (checking.py).
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.config import Republish, StreamConfig, SubjectTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Members in the order of answers, and whether one that says nothing is left out.
MEMBERS: tuple[tuple[str, bool], ...] = (
    ("name", False),
    ("description", True),
    ("subjects", True),
    ("retention", False),
    ("max_consumers", False),
    ("max_msgs", False),
    ("max_bytes", False),
    ("max_age", False),
    ("max_msgs_per_subject", False),
    ("max_msg_size", True),
    ("discard", False),
    ("storage", False),
    ("num_replicas", False),
    ("no_ack", True),
    ("duplicate_window", True),
    ("placement", True),
    ("mirror", True),
    ("sources", True),
    ("compression", False),
    ("first_seq", True),
    ("subject_transform", True),
    ("republish", True),
    ("allow_direct", False),
    ("mirror_direct", False),
    ("discard_new_per_subject", True),
    ("sealed", False),
    ("deny_delete", False),
    ("deny_purge", False),
    ("allow_rollup_hdrs", False),
    ("consumer_limits", False),
    ("allow_msg_ttl", False),
    ("subject_delete_marker_ttl", True),
    ("allow_msg_counter", True),
    ("allow_atomic", True),
    ("allow_msg_schedules", True),
    ("persist_mode", True),
    ("allow_batched", True),
    ("metadata", True),
)

NAMES = frozenset(field.name for field in fields(StreamConfig))
#: What JSON's missing members mean before anything is decided, where that is not StreamConfig's default.
ZEROS: dict[str, Any] = {
    "max_consumers": 0,
    "max_msgs": 0,
    "max_bytes": 0,
    "max_msgs_per_subject": 0,
    "max_msg_size": 0,
    "num_replicas": 0,
    "duplicate_window": 0,
    "storage": "",
}


def from_json(members: Mapping[str, Any]) -> StreamConfig:
    """The configuration that a request spells, nothing decided yet; members are of the right types."""
    found: dict[str, Any] = dict(ZEROS)
    for name, value in members.items():
        if name in NAMES and value is not None:
            found[name] = tuple(value) if isinstance(value, list) else value
    found.setdefault("name", "")
    found["persist_mode"] = found.get("persist_mode") or "default"
    for name, read in NESTED.items():
        if name in found:
            found[name] = read(found[name])
    return StreamConfig(**found)


def origin(said: Mapping[str, Any] | None) -> dict[str, Any]:
    """A mirror or source, as it is kept: what says nothing is left out, but for an object."""
    said = said or {}
    found = {name: said.get(name, zero) for name, zero in ORIGIN.items()}
    found["subject_transforms"] = [
        {"src": each.get("src", ""), "dest": each.get("dest", "")}
        for each in said.get("subject_transforms") or ()
    ]
    kept = {key: value for key, value in found.items() if value or key == "name"}
    if (external := said.get("external")) is not None:
        kept["external"] = {"api": external.get("api", ""), "deliver": external.get("deliver", "")}
    if (consumer := said.get("consumer")) is not None:
        kept["consumer"] = said_only(consumer, ("name", "deliver_subject"))
    return kept


def said_only(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The members of an object that say something, in order."""
    return {name: said[name] for name in names if said.get(name)}


def placement(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a stream should be; an empty object is none (JS-CFG-033)."""
    found = said_only(said, ("cluster", "tags", "preferred"))
    return found if found or said.get("tags") is not None else None


#: The members of a mirror or source that are plain, and what each is that is not said.
ORIGIN: dict[str, Any] = {
    "name": "",
    "opt_start_seq": 0,
    "opt_start_time": None,
    "filter_subject": "",
    "subject_transforms": (),
}
#: Members that are objects, or arrays of them.
NESTED: dict[str, Callable[[Any], Any]] = {
    "mirror": origin,
    "sources": lambda said: tuple(map(origin, said)),
    "placement": placement,
    "subject_transform": lambda said: SubjectTransform(**said),
    "republish": lambda said: Republish(**said),
    "consumer_limits": lambda said: (
        said_only(said, ("inactive_threshold", "max_ack_pending")) or None
    ),
}


def as_json(config: StreamConfig) -> dict[str, Any]:
    """What answers show."""
    shown: dict[str, Any] = {}
    for name, optional in MEMBERS:
        value = plain(getattr(config, name))
        if name == "persist_mode" and value == "default":
            continue
        if name == "consumer_limits" and value is None:
            value = {}
        if value or not optional or isinstance(value, dict):
            shown[name] = value
    return shown


def plain(value: Any) -> Any:  # noqa: ANN401 - any member
    """A member as JSON has it."""
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, SubjectTransform):
        return {"src": value.src, "dest": value.dest}
    if isinstance(value, Republish):
        shown: dict[str, Any] = {"src": value.src} if value.src else {}
        shown["dest"] = value.dest
        return shown | ({"headers_only": True} if value.headers_only else {})
    return value
