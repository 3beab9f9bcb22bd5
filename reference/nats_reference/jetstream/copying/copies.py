"""Who takes messages from whom within an account, and how each of them does.

JS-MIRROR-007 .. JS-MIRROR-009, JS-MIRROR-014. An origin that is not there is waited for; when a stream comes
or goes, those that want it are told. An origin outside of the account is not reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.copying.feed import Feed
from nats_reference.jetstream.copying.selecting import selection
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_reference.clock import Clock
    from nats_reference.jetstream.stream import Stream


class Copies:
    """The mirrors and sources of an account's streams."""

    def __init__(self, streams: Mapping[str, Stream], clock: Clock) -> None:
        self._streams = streams
        self._clock = clock
        #: By the stream that is fed; in the order of its configuration.
        self._feeds: dict[str, list[Feed]] = {}

    def adopt(self, stream: Stream) -> None:
        """A stream has come: it is fed, and feeds those that were waiting for it."""
        self.change(stream)
        name = stream.config.name
        for feeds in self._feeds.values():
            for feed in feeds:
                if feed.selected.name == name and feed.origin is None:
                    feed.attach(stream)

    def change(self, stream: Stream) -> None:
        """Its configuration is new: origins that it still has go on (JS-MIRROR-014)."""
        config = stream.config
        described = [config.mirror] if config.mirror else list(config.sources)
        before = {feed.selected.key: feed for feed in self._feeds.pop(config.name, [])}
        draw = stream.host.rng.randrange
        found: list[Feed] = []
        for each in described:
            if each.get("external") is not None:
                continue
            selected = selection(each, draw)
            feed = before.pop(selected.key, None)
            if feed is None:
                feed = Feed(stream, selected, self._soon, mirror=config.mirror is not None)
                if origin := self._streams.get(selected.name):
                    feed.attach(origin)
            found.append(feed)
        for feed in before.values():
            feed.detach()
        if found:
            self._feeds[config.name] = found

    def drop(self, stream: Stream) -> None:
        """A stream goes: nobody feeds it, and it feeds nobody."""
        for feed in self._feeds.pop(stream.config.name, []):
            feed.detach()
        for feeds in self._feeds.values():
            for feed in feeds:
                if feed.origin is stream:
                    feed.detach()

    def substitutes(self, name: str) -> list[Stream]:
        """The mirrors that answer direct gets of a stream beside it, or in its stead (JS-DIRECT-018)."""
        return [
            feed.stream
            for feeds in self._feeds.values()
            for feed in feeds
            if feed.caught_up and feed.selected.name == name and feed.stream.config.mirror_direct
        ]

    def told(self, stream: Stream, described: Mapping[str, Any]) -> dict[str, Any]:
        """How a mirror or source does (JS-MIRROR-007 .. JS-MIRROR-009)."""
        found: dict[str, Any] = {"name": described["name"]}
        if "external" in described:
            found["external"] = described["external"]
        feed = self._feed(stream, described)
        found["lag"] = feed.lag() if feed else 0
        if feed and not feed.mirror and feed.next > 1:
            found["seq"] = feed.next - 1
        began = feed.active if feed else 0
        found["active"] = self._clock.wall() - began if began else -1
        kept = ("filter_subject", "subject_transforms")
        found |= {key: described[key] for key in kept if key in described}
        if feed and feed.origin is None:
            found["error"] = ApiError(10059).as_json()
        return found

    def _feed(self, stream: Stream, described: Mapping[str, Any]) -> Feed | None:
        if described.get("external") is not None:
            return None
        key = selection(described, stream.host.rng.randrange).key
        feeds = self._feeds.get(stream.config.name, ())
        return next((feed for feed in feeds if feed.selected.key == key), None)

    def _soon(self, feed: Feed) -> None:
        """Have it bring what has come, after the round that stores it."""
        if not feed.waiting:
            feed.waiting = True
            self._clock.call_soon(self._bring, feed)

    def _bring(self, feed: Feed) -> None:
        feed.waiting = False
        feed.bring()
