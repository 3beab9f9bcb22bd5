"""What faults of the monitoring port have in common: an answer is changed on its way out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.faults import Patch
    from nats_reference.monitoring.endpoints import Answer, Endpoints

ANSWER = "nats_reference.monitoring.endpoints:Endpoints.answer"


def answered(patch: Patch, change: Callable[[Answer, str, str], Answer]) -> None:
    """Every answer is what `change` makes of it, of the path and of the query."""
    answer = patch.original(ANSWER)

    def changed(self: Endpoints, target: str) -> Answer:
        path, _, query = target.partition("?")
        return change(answer(self, target), path, query)

    patch.attribute(ANSWER, changed)


def at(patch: Patch, wanted: str, change: Callable[[Answer, str], Answer]) -> None:
    """The answers of one path, below any base path, are what `change` makes of them."""
    answered(
        patch,
        lambda answer, path, query: change(answer, query) if path.endswith(wanted) else answer,
    )


def told(patch: Patch, wanted: str, change: Callable[[dict[str, Any], str], object]) -> None:
    """`change` alters the documents of one path in place."""

    def altered(answer: Answer, query: str) -> Answer:
        if not answer.body.startswith(b"{"):
            return answer
        found = json.loads(answer.body)
        change(found, query)
        return replace(answer, body=json.dumps(found, indent=2).encode())

    at(patch, wanted, altered)


def without(patch: Patch, wanted: str, *members: str) -> None:
    """The documents of one path lack these members."""

    def drop(found: dict[str, Any], _query: str) -> None:
        for member in members:
            found.pop(member, None)

    told(patch, wanted, drop)
