"""One request of the API, as its handler sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream.api import decoding
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.account import Account


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and by whom."""

    account: Account
    #: The names in the subject, in order.
    names: tuple[str, ...]
    #: The header block, or nothing.
    headers: bytes
    body: bytes

    def members(self, kind: str) -> dict[str, Any]:
        """The body, which is a request of this kind.

        Raises:
            ApiError: it is none (10025).
        """
        return decoding.decode(kind, self.body, strict=self.account.options.strict)

    def optional(self, kind: str) -> dict[str, Any]:
        """The same, where a body that is no JSON says nothing (JS-API-017)."""
        return self.members(kind) if decoding.wanted(self.body) else {}

    def required(self, kind: str) -> dict[str, Any]:
        """The same, where something has to be said.

        Raises:
            ApiError: nothing is (10003), or it is no such request (10025).
        """
        self.something()
        return self.members(kind)

    def something(self) -> None:
        """The body must say something (JS-API-018).

        Raises:
            ApiError: it doesn't (10003).
        """
        if decoding.empty(self.body):
            raise ApiError(10003)

    def nothing(self) -> None:
        """The body must say nothing.

        Raises:
            ApiError: it does (10038).
        """
        if not decoding.empty(self.body):
            raise ApiError(10038)
