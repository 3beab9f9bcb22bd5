"""One request to a monitoring port, and what came."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Characters of a body that a transcript shows.
_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """What the monitoring port said."""

    path: str
    status: int
    #: By name in lower case.
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """Its content type."""
        return self.headers.get("content-type", "")

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401
        """The body, parsed."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            got = f"{self.body[:_SHOWN]!r}"
            raise Mismatch(
                f"{self.path} answered {self.status} without JSON", "JSON", got
            ) from error

    def __str__(self) -> str:
        """Status, type and the beginning of the body, in one line."""
        shown = " ".join(self.text[:_SHOWN].split())
        return f"{self.status} {self.type}: {shown}" + "…" * (len(self.text) > _SHOWN)


def ask(url: str, path: str, patience: float, method: str = "GET") -> Answer:
    """What the monitoring port at `url` answers to a request for `path`."""
    import urllib3  # noqa: PLC0415 - few cases look there, and it takes its time

    # Below a base path, the root page is at that path itself (MON-GEN-008).
    local = "" if path == "/" else path
    try:
        answer = urllib3.request(
            method, url + local, retries=False, redirect=False, timeout=patience
        )
    except urllib3.exceptions.HTTPError as error:
        raise Mismatch(f"{method} {path} failed: {error}", "an HTTP answer") from error
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(path, answer.status, headers, answer.data)
