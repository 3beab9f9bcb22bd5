"""Faults of chapter 100: accounts without streams, and the server's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault

if TYPE_CHECKING:
    from nats_reference.jetstream.outlet import Outlet
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

WITHOUT = "nats_reference.jetstream.api.without"


@fault("JS-API-007", "an account without streams is not answered")
def unanswered(patch: Patch) -> None:
    """It has no JetStream."""

    def take(_outlet: Outlet, _publisher: Publisher, _message: Message, _payload: bytes) -> bool:
        return True

    patch.attribute(f"{WITHOUT}:take", take)


@fault("JS-API-033", "a purge of an account begins and never ends")
def only_initiated(patch: Patch) -> None:
    """So much to delete."""
    encode = patch.original("nats_reference.jetstream.api.answers:encode")

    def purge(*_arguments: object) -> bytes:
        answer: bytes = encode("account_purge_response", {"initiated": True})
        return answer

    patch.attribute(f"{WITHOUT}:purge", purge)


@fault("JS-API-034", "the system account's requests get answers without a type of their own")
def account_info(patch: Patch) -> None:
    """All of them look like INFO's."""
    patch.attribute(f"{WITHOUT}:SYSTEM", "account_info_response")
