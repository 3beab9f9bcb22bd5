"""Which consumers of a stream would take a new message now, by its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.routing.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.store.contents import Contents


#: For so many subjects what was found is remembered.
KNOWN: Final = 256


class Appetite:
    """Consumers, and what each of them would take."""

    __slots__ = ("_hungry", "_known", "_patterns")

    def __init__(self) -> None:
        self._hungry: Index[Consumer] = Index()
        self._patterns: dict[Consumer, tuple[bytes, ...]] = {}
        #: What was found since it last changed.
        self._known: dict[bytes, Iterable[Consumer]] = {}

    def of(self, subject: bytes) -> Iterable[Consumer]:
        """Who would take a message on `subject`."""
        found = self._known.get(subject)
        if found is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            found = self._known[subject] = self._hungry.match(subject)
        return found

    def of_some(self, contents: Contents, first: int, last: int) -> dict[Consumer, None]:
        """Who would take some of the messages from `first` to `last`."""
        found: dict[Consumer, None] = {}
        if self._patterns:
            for subject in dict.fromkeys(map(contents.subject, range(first, last + 1))):
                if subject is not None:
                    found |= dict.fromkeys(self.of(subject))
        return found

    def set(self, consumer: Consumer, patterns: tuple[bytes, ...]) -> None:
        """From now on `consumer` takes what one of these matches."""
        before = self._patterns.get(consumer, ())
        if before == patterns:
            return
        self._known.clear()
        for pattern in before:
            self._hungry.remove(pattern, consumer)
        for pattern in patterns:
            self._hungry.insert(pattern, consumer)
        if patterns:
            self._patterns[consumer] = patterns
        else:
            self._patterns.pop(consumer, None)
