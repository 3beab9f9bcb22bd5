"""The client's language as the server hears it: what nats_spec derives from the grammars.

Made when the first client speaks, because reading a grammar takes longer than
starting a server. What separates arguments is in the grammar alone (FRAME-021,
FRAME-033). Leaves out what words mean; operations/ says that.
"""

from __future__ import annotations

from nats_spec.recogniser import Opening, recogniser


class Language:
    """The recognisers of the client grammar and of its refusals."""

    __slots__ = ("_client", "_connects", "_refusals", "match", "viable")

    def __init__(self) -> None:
        self._client = recogniser("client")
        self._refusals = recogniser("refusals")
        self.match = self._client.match
        self.viable = self._client.viable
        self._connects = tuple(filter(self._is_connect, self._client.openings))

    def _is_connect(self, opening: Opening) -> bool:
        found = self.match(opening.verb + b" {}\n")
        return found is not None and found[0] == "connect"

    def refused(self, line: bytes) -> bool:
        """Whether the verb is known and the arguments are wrong (FRAME-018)."""
        return self._refusals.match(line) is not None

    def may_be_connect(self, line: bytes) -> bool:
        """Whether the first byte can be that of CONNECT, which is all that is looked at."""
        return any(opening.admits(line[:1]) for opening in self._connects)

    def arguments(self, line: bytes) -> bytes:
        """What max_control_line counts: verb, blanks and line end are not of it (FRAME-023)."""
        opening = self._client.opening(line)
        if opening is None or opening.idle:
            return b""
        return opening.arguments(line).removesuffix(b"\n").removesuffix(b"\r")

    def without_junk(self, fragment: bytes) -> bytes:
        """A fragment of any length without what will be ignored anyway (FRAME-008)."""
        opening = self._client.opening(fragment)
        return opening.verb if opening is not None and opening.idle else fragment
