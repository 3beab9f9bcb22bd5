"""What must hold of the log of a stream, whoever wrote to it.

Each rule sees every message once, in order, and the state at the end; so a log of any length
is judged in bounded memory: rules over distinct subjects and message ids keep a hash for each
of up to a million of them, and beyond that say that they gave up (`stream_keys`). A rule that
is `lasting` holds if the configuration has always been what it is; an update may have changed
it, so a breach of such a rule is a remark and no violation.

Leaves out what was published and acknowledged; `stream_promises` compares with that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .stream_keys import Duplicates, PerSubject
from .stream_rules import RULES, Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .stream_log import Figures, Logged, View


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of one requirement."""

    requirement: str
    text: str
    #: Where; None for the stream as a whole.
    seq: int | None
    subject: str | None
    #: It is one only if the configuration has always been this.
    remark: bool

    @property
    def place(self) -> str:
        """Where, in words."""
        return "the stream" if self.seq is None else f"message {self.seq}, {self.subject}"

    def __str__(self) -> str:
        """What a person reads in a failure."""
        where = "" if self.seq is None else f" at {self.seq} ({self.subject})"
        return f"{self.requirement}{where}: {self.text}"


class Judge:
    """All rules at once over one log."""

    def __init__(self, view: View) -> None:
        """Begin with the first message."""
        self.view = view
        #: What was not judged, a sentence each; complete after `end`.
        self.given_up: list[str] = []
        self._rules: list[Rule] = [rule(view) for rule in (*RULES, PerSubject, Duplicates)]
        # Called once a message: those that only ask the end are left out.
        watching = [rule for rule in self._rules if type(rule).see is not Rule.see]
        self._watching = [(rule, rule.see) for rule in watching]

    def see(self, message: Logged) -> list[Violation]:
        """The next message of the log."""
        found = []
        for rule, see in self._watching:
            wrong = see(message)
            if wrong is not None:
                found.append(_violation(rule, Breach(wrong, message)))
        return found

    def end(self, after: Figures) -> Iterator[Violation]:
        """The log is over, and this is the state now."""
        still = after == self.view.before
        if not still:
            self.given_up.append("the stream changed meanwhile: sums could not be compared")
        for rule in self._rules:
            for breach in rule.end(after, still=still):
                yield _violation(rule, breach)
            self.given_up += filter(None, [rule.given_up])


def violations(
    messages: Iterable[Logged], view: View, after: Figures | None = None
) -> Iterator[Violation]:
    """Everything in the log that violates an invariant, as it is found.

    `after` is the state when the log had been read; by default nothing has changed.
    """
    judge = Judge(view)
    for message in messages:
        yield from judge.see(message)
    yield from judge.end(after or view.before)


def _violation(rule: Rule, breach: Breach) -> Violation:
    message = breach.message
    return Violation(
        breach.requirement or rule.requirement,
        breach.text,
        message.seq if message else None,
        message.subject.decode(errors="replace") if message else None,
        rule.lasting,
    )
