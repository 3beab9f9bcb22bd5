"""Faults of chapter 10, framing."""

from __future__ import annotations

from nats_reference.faults import Patch, fault


@fault("FRAME-001", "PING is known in upper case only")
def upper_case_only(patch: Patch) -> None:
    """Verbs must be matched letter by letter, whatever the case."""
    patch.grammar("client", '"PING"i', '"PING"')
