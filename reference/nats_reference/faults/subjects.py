"""Faults of chapter 30, subjects: validity, matching and the relations between patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.auth.permissions import Permissions, Rule
    from nats_reference.connection import Connection
    from nats_reference.routing.index import Index

INDEX = "nats_reference.routing.index:Index"
VALID = "nats_reference.operations.sub:valid"
ALLOWED = "nats_reference.operations.sub:allowed"
TOO_MANY = "nats_reference.limits:too_many_tokens"


def rewrite(patch: Patch, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Have the index take every pattern for another one."""
    insert, remove = patch.original(f"{INDEX}.insert"), patch.original(f"{INDEX}.remove")

    def other(pattern: bytes) -> bytes:
        return b".".join(change(subjects.tokens(pattern)))

    patch.attribute(f"{INDEX}.insert", lambda self, pattern, x: insert(self, other(pattern), x))
    patch.attribute(f"{INDEX}.remove", lambda self, pattern, x: remove(self, other(pattern), x))


def refuse(patch: Patch, bad: Callable[[bytes], bool]) -> None:
    """Have SUB answer `Invalid Subject` to some subjects more."""
    valid = patch.original(VALID)
    patch.attribute(VALID, lambda subject: valid(subject) and not bad(subject))


@fault("SUBJ-001", "a wildcard matches an empty token")
def empty_tokens_match(patch: Patch) -> None:
    """`foo.*` receives what was published on `foo.`."""
    match = patch.original(f"{INDEX}.match")

    def lax(self: Index[Any], subject: bytes) -> Any:  # noqa: ANN401 - as the original
        return match(self, b".".join(token or b"-" for token in subjects.tokens(subject)))

    patch.attribute(f"{INDEX}.match", lax)


@fault("SUBJ-001/slash", "a slash separates tokens as well")
def slashes_separate(patch: Patch) -> None:
    """`foo/bar` is taken for two tokens."""
    patch.attribute(
        "nats_reference.routing.index:tokens", lambda s: s.replace(b"/", b".").split(b".")
    )


@fault("SUBJ-002", "letter case does not count")
def case_folded(patch: Patch) -> None:
    """`FOO` reaches a subscription to `foo`."""
    patch.attribute("nats_reference.routing.index:tokens", lambda s: s.lower().split(b"."))


@fault("SUBJ-003", "a last * matches several tokens")
def star_is_greedy(patch: Patch) -> None:
    """`foo.*` is taken for `foo.>`."""
    rewrite(patch, lambda t: [*t[:-1], b">"] if t[-1] == b"*" else t)


@fault("SUBJ-003/middle", "* is a wildcard in the last place only")
def star_in_the_middle_is_literal(patch: Patch) -> None:
    """`foo.*.bar` is taken literally."""
    rewrite(patch, lambda t: [*(b"\0*" if x == b"*" else x for x in t[:-1]), t[-1]])


@fault("SUBJ-004", "foo.> matches foo as well")
def rest_matches_none(patch: Patch) -> None:
    """`>` stands for no token, too."""
    match = patch.original(f"{INDEX}.match")

    def lax(self: Index[Any], subject: bytes) -> Any:  # noqa: ANN401 - as the original
        below = match(self, subject + b".x")
        return match(self, subject) + [x for x in below if x.subject == subject + b".>"]

    patch.attribute(f"{INDEX}.match", lax)


@fault("SUBJ-004/one", "> matches one token only")
def rest_matches_one(patch: Patch) -> None:
    """`foo.>` is taken for `foo.*`."""
    rewrite(patch, lambda t: [*t[:-1], b"*"] if t[-1] == b">" else t)


@fault("SUBJ-005", "a subject with foo* in it is refused")
def signs_are_refused(patch: Patch) -> None:
    """What the documentation says, and no server does."""
    refuse(patch, lambda s: any(len(t) > 1 and set(t) & set(b"*>") for t in s.split(b".")))


@fault("SUBJ-005/wildcard", "foo* is taken for *")
def signs_are_wildcards(patch: Patch) -> None:
    """A `*` at the end of a longer token makes it match every token."""
    rewrite(patch, lambda tokens: [b"*" if t.endswith(b"*") else t for t in tokens])


@fault("SUBJ-006", "a subject must be UTF-8")
def only_utf8(patch: Patch) -> None:
    """Bytes that are no text are refused."""

    def unreadable(subject: bytes) -> bool:
        return "\ufffd" in subject.decode("utf-8", "replace")

    refuse(patch, unreadable)


@fault("SUBJ-006/control", "a control character is refused")
def no_control_characters(patch: Patch) -> None:
    """Bytes below the blank are refused."""
    refuse(patch, lambda subject: min(subject) < 32)


@fault("SUBJ-007", "a subject has at most 32 tokens")
def few_tokens(patch: Patch) -> None:
    """The 33rd is too many."""
    refuse(patch, lambda subject: subject.count(b".") >= 32)


@fault("SUBJ-007/length", "a token has at most 255 bytes")
def short_tokens(patch: Patch) -> None:
    """Longer ones are refused."""
    refuse(patch, lambda subject: max(map(len, subject.split(b"."))) > 255)


@fault("SUBJ-008", "max_subscription_tokens is not looked at")
def any_number_of_tokens(patch: Patch) -> None:
    """Every SUB is taken."""
    patch.attribute(TOO_MANY, lambda _connection, _subject: False)


@fault("SUBJ-008/rest", "max_subscription_tokens does not count >")
def rest_is_not_counted(patch: Patch) -> None:
    """`foo.bar.baz.>` has three tokens."""
    too_many = patch.original(TOO_MANY)
    patch.attribute(TOO_MANY, lambda c, s: too_many(c, s.removesuffix(b".>")))


@fault("SUBJ-008/last", "max_subscription_tokens is one too many already")
def one_token_less(patch: Patch) -> None:
    """Exactly the limit is refused."""
    too_many = patch.original(TOO_MANY)
    patch.attribute(TOO_MANY, lambda c, s: too_many(c, s + b".x"))


@fault("SUBJ-010", "nobody may subscribe below $SYS.")
def system_subjects_are_denied(patch: Patch) -> None:
    """A reserved prefix is refused to subscribers."""
    allowed = patch.original(ALLOWED)

    def strict(connection: Connection, subject: bytes, queue: bytes | None) -> bool:
        return not subject.startswith(b"$SYS.") and bool(allowed(connection, subject, queue))

    patch.attribute(ALLOWED, strict)


@fault("SUBJ-011", "an allowed foo.* lets foo.> in")
def literal_lookup(patch: Patch) -> None:
    """The subscription's text is looked up as if it were a subject."""
    patch.attribute(
        "nats_reference.auth.permissions:covering", lambda rules, pattern: rules.match(pattern)
    )


@fault("SUBJ-011/wildcards", "an allow list admits literal subjects only")
def wildcards_are_not_covered(patch: Patch) -> None:
    """A subset with a wildcard in it is refused."""
    covering = patch.original("nats_reference.auth.permissions:covering")

    def strict(rules: Index[Rule], pattern: bytes) -> list[Rule]:
        found: list[Rule] = covering(rules, pattern)
        return found if subjects.valid_literal(pattern) else []

    patch.attribute("nats_reference.auth.permissions:covering", strict)


@fault("SUBJ-012", "what is denied is delivered to a wider subscription")
def denied_is_delivered(patch: Patch) -> None:
    """The deny list is looked at for SUB only."""
    patch.attribute("nats_reference.auth.permissions:delivery_denied", lambda *_: False)


@fault("SUBJ-012/subset", "what is denied is delivered to a subscription that overlaps")
def only_subsets_are_filtered(patch: Patch) -> None:
    """The filter is set up only where the deny pattern is a subset of the subscription."""

    def filters(self: Permissions, subject: bytes, _queue: bytes | None) -> bool:
        return any(subjects.is_subset(r.subject, subject) for r in self.rules.subscribe_deny)

    patch.attribute("nats_reference.auth.permissions:Permissions.filters", filters)
