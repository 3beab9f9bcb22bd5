"""What a user may do, as it stands in a configuration.

AUTH-PERM-002, AUTH-PERM-006, AUTH-PERM-012, AUTH-PERM-016, AUTH-PERM-017,
AUTH-RESP-002, AUTH-RESP-006. What the lists mean is auth/permissions.py's business.
"""

from __future__ import annotations

from typing import Any, Final

from nats_reference.auth.permissions import PermissionRules, Rule
from nats_reference.auth.responses import ResponseRule
from nats_reference.config import values
from nats_reference.config.document import Array, Block, ConfigError, Entry, Word
from nats_spec import subjects

#: Key: the lists that it is about, and whether entries may name a queue.
SIDES: Final = {
    **dict.fromkeys(("pub", "publish", "import"), ("publish", False)),
    **dict.fromkeys(("sub", "subscribe", "export"), ("subscribe", True)),
}
RESPONSES: Final = frozenset(["allow_responses", "publish_allow_responses"])
MESSAGES: Final = frozenset(["max", "max_msgs", "max_messages", "max_responses"])
SECONDS: Final = frozenset(["expires", "expiration", "ttl"])


def unknown(entry: Entry, of: str) -> ConfigError:
    """The error for a key that has no place here."""
    return ConfigError(f'Unknown field "{entry.key}" parsing {of}', entry.at)


def permissions(entry: Entry) -> PermissionRules:
    """What a user may publish and subscribe to; a list alone is a list of what is allowed."""
    found: dict[str, Any] = {}
    block = values.block(entry)
    for key, inner in block.entries.items():
        if key in SIDES:
            side, queues = SIDES[key]
            found |= lists(inner, side, queues=queues)
        elif key in RESPONSES:
            found["responses"] = responses(inner)
        elif key not in block.used:
            raise unknown(inner, "permissions")
    return PermissionRules(**found)


def lists(entry: Entry, side: str, *, queues: bool) -> dict[str, tuple[Rule, ...] | None]:
    """What is allowed and denied on one side; an empty list of what is allowed is none."""
    if not isinstance(entry.value, Block):
        return {f"{side}_allow": rules(entry, queues=queues) or None}
    found: dict[str, tuple[Rule, ...] | None] = {f"{side}_allow": None}
    for key, inner in entry.value.entries.items():
        if key in {"allow", "deny"}:
            listed = rules(inner, queues=queues)
            found[f"{side}_{key}"] = (listed or None) if key == "allow" else listed
        elif key not in entry.value.used:
            raise unknown(inner, "subject permissions, only 'allow' or 'deny' are permitted")
    return found


def rules(entry: Entry, *, queues: bool) -> tuple[Rule, ...]:
    """A list of subjects, or one; with a queue group where that means something."""
    items = entry.value.items if isinstance(entry.value, Array) else (entry.value,)
    found = []
    for item in items:
        if not isinstance(item, Word) or values.is_number(item):
            raise values.wrong(entry, "subjects")
        words = [word.encode() for word in item.text.split()]
        if not 1 <= len(words) <= 1 + queues or not all(map(subjects.valid_subscription, words)):
            raise ConfigError(f'subject "{item.text}" is not a valid subject', item.at)
        found.append(Rule(*words))
    return tuple(found)


def responses(entry: Entry) -> ResponseRule | None:
    """Whether requests may be answered, and how often; zero is the default."""
    if not isinstance(entry.value, Block):
        return ResponseRule() if values.switch(entry) else None
    found: dict[str, Any] = {}
    for key, inner in entry.value.entries.items():
        if key in MESSAGES:
            found["messages"] = values.whole(inner)
        elif key in SECONDS:
            found["seconds"] = values.duration(inner)
        elif key not in entry.value.used:
            raise unknown(inner, "permissions")
    return ResponseRule(**{name: value for name, value in found.items() if value})
