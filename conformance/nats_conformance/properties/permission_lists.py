"""Generated users: what each may do, and how a configuration says so.

A server knows its users from the start, so a run has one configuration with many
of them, and its examples choose among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_spec.model.permissions import Entry, Lists, Permissions, Responses

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

#: How many users a configuration has, beside `free`, who may do everything.
USERS: Final = 48
#: Few, so that they meet.
PATTERNS: Final = (">", "*", "a", "b", "a.*", "*.b", "a.>", "a.b", "b.*", "a.*.c", "*.*", "a.b.>")
LITERALS: Final = tuple(pattern for pattern in PATTERNS if not {"*", ">"} & set(pattern))
STARLESS: Final = tuple(pattern for pattern in PATTERNS if "*" not in pattern)
QUEUES: Final = ("q", "q.x", "q.*", "r", "*")

#: The releases from which on lists do what the model says: wildcards that overlap with a
#: subscription (SUBJ-012), and queues (AUTH-PERM-014, AUTH-PERM-015) in deny lists.
WILD_DENIALS: Final = (2, 12, 7)
QUEUE_DENIALS: Final = (2, 14, 4)
#: The release from which on a star in a publish list isn't hidden by a literal beside it
#: (72_permissions:an_entry_matches_whatever_others_there_are).
PUBLISH_STARS: Final = (2, 12, 4)


def users(random: random.Random, release: tuple[int, ...]) -> dict[str, Permissions]:
    """So many users, each with permissions of its own."""
    return {f"u{number}": permissions(random, release) for number in range(USERS)}


def permissions(random: random.Random, release: tuple[int, ...]) -> Permissions:
    """What one user may do."""
    denials = PATTERNS if release >= WILD_DENIALS else LITERALS
    published = PATTERNS if release >= PUBLISH_STARS else STARLESS

    def plain() -> Entry:
        return Entry(random.choice(published).encode())

    def with_queue() -> Entry:
        queue = random.choice(QUEUES).encode() if random.random() < 0.4 else None
        return Entry(random.choice(PATTERNS).encode(), queue)

    def denied() -> Entry:
        named = release >= QUEUE_DENIALS and random.random() < 0.4
        queue = random.choice(QUEUES).encode() if named else None
        return Entry(random.choice(denials).encode(), queue)

    publish = lists(random, plain, plain)
    subscribe = lists(random, with_queue, denied)
    responses = Responses(random.choice((1, 2, 3, None)), random.choice((60.0, None)))
    return Permissions(publish, subscribe, responses if random.random() < 0.5 else None)


def lists(
    random: random.Random, allowed: Callable[[], Entry], denied: Callable[[], Entry]
) -> Lists:
    """Up to three entries each; an allow list is there two times of three."""
    allow = tuple(allowed() for _ in range(random.randint(1, 3)))
    deny = tuple(denied() for _ in range(random.choice((0, 0, 1, 1, 2))))
    return Lists(allow if random.random() < 0.66 else None, deny)


def configuration(known: dict[str, Permissions]) -> str:
    """The text of a configuration with these users, and `free`."""
    lines = [
        f"    {{user: {name}, password: pw, permissions: {written(granted)}}}"
        for name, granted in known.items()
    ]
    everybody = "\n".join([*lines, "    {user: free, password: pw}"])
    return f"authorization {{\n  users: [\n{everybody}\n  ]\n}}\n"


def written(granted: Permissions) -> str:
    """Permissions, as a configuration has them."""
    said = [
        f"{side}: {{{', '.join(_listed(each))}}}"
        for side, each in (("publish", granted.publish), ("subscribe", granted.subscribe))
    ]
    if (rule := granted.responses) is not None:
        maximum = -1 if rule.maximum is None else rule.maximum
        seconds = -1 if rule.seconds is None else int(rule.seconds)
        said.append(f'allow_responses: {{max: {maximum}, expires: "{seconds}s"}}')
    return f"{{{', '.join(said)}}}"


def _listed(side: Lists) -> list[str]:
    found = [("allow", side.allow)] if side.allow is not None else []
    return [
        f"{key}: [{', '.join(_quoted(entry) for entry in entries)}]"
        for key, entries in [*found, ("deny", side.deny)]
    ]


def _quoted(entry: Entry) -> str:
    words = entry.pattern if entry.queue is None else entry.pattern + b" " + entry.queue
    return f'"{words.decode()}"'
