"""Which path is answered how (MON-GEN-001 .. MON-GEN-010, MON-VARZ-004).

A table of documents, and the few answers that are no document of JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from nats_reference.monitoring import alone, health, inside, root, tenants
from nats_reference.monitoring.asking import Query, Refused
from nats_reference.monitoring.connz import connz
from nats_reference.monitoring.jsz import jsz
from nats_reference.monitoring.subsz import subsz
from nats_reference.monitoring.varz import varz
from nats_reference.monitoring.writing import HTML, INSIDE_INDENT, JSON, TEXT, document

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.server import Server

JSON_OF_GO = "application/json; charset=utf-8"
#: Paths of JSON: what makes the document.
DOCUMENTS: dict[str, Callable[[Server, Query], dict[str, Any]]] = {
    "/connz": connz,
    "/subsz": subsz,
    "/subscriptionsz": subsz,
    "/routez": alone.routez,
    "/gatewayz": alone.gatewayz,
    "/leafz": alone.leafz,
    "/accountz": tenants.accountz,
    "/accstatz": tenants.accstatz,
    "/jsz": jsz,
}
#: Paths that are counted under another name, or not at all.
COUNTED_AS = {
    "/subscriptionsz": "/subsz",
    "/stacksz": "",
    "/ipqueuesz": "",
    "/raftz": "",
    "/debug/vars": "",
}
OTHERS = ("/varz", "/healthz", "/ipqueuesz", "/raftz", "/stacksz", "/debug/vars")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    type: str
    body: bytes


BAD_REQUEST = Answer(400, TEXT, b"400 Bad Request")
NOT_FOUND = Answer(404, TEXT, b"404 page not found\n")


class Endpoints:
    """The paths of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        #: Requests by path.
        self.requests: dict[str, int] = {}

    def answer(self, target: str) -> Answer:
        """The answer to the target of a request, whatever its method."""
        if target.startswith("/"):
            path, _, query = target.partition("?")
        else:
            try:
                path, query = urlsplit(target)[2:4]
            except ValueError:
                return BAD_REQUEST
        local = within(unquote(path), self.server.options.http_base_path)
        if local is None or local not in {"/", *DOCUMENTS, *OTHERS}:
            return NOT_FOUND
        self.count(local)
        try:
            return self.found(local, Query(query))
        except Refused as refused:
            return Answer(400, TEXT, str(refused).encode("utf-8", "replace"))

    def count(self, path: str) -> None:
        """One more request for this path (MON-VARZ-004)."""
        if name := COUNTED_AS.get(path, path):
            self.requests[name] = self.requests.get(name, 0) + 1

    def found(self, path: str, query: Query) -> Answer:  # noqa: PLR0911 - one for each kind
        """The answer of a path that there is."""
        server = self.server
        match path:
            case "/":
                return Answer(200, HTML, root.root(server, (*DOCUMENTS, *OTHERS)).encode())
            case "/varz":
                return Answer(200, JSON, document(varz(server, query, self.requests)))
            case "/healthz":
                status, told = health.healthz(server, query)
                return Answer(status, JSON, document(told, indent=None))
            case "/ipqueuesz":
                return Answer(200, JSON, document(inside.ipqueuesz(server, query), INSIDE_INDENT))
            case "/raftz":
                return Answer(404, TEXT, alone.NO_RAFT.encode())
            case "/stacksz":
                return Answer(200, JSON, inside.stacks().encode())
            case "/debug/vars":
                return Answer(200, JSON_OF_GO, document(inside.variables()))
            case _:
                return Answer(200, JSON, document(DOCUMENTS[path](server, query)))


def within(path: str, base: str) -> str | None:
    """The path below the base path; None if it isn't there (MON-GEN-008)."""
    if not base:
        return path
    if path == base:
        return "/"
    below = path.removeprefix(base)
    return below if below != path and below.startswith("/") and below != "/" else None
