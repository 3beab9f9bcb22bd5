"""Faults of chapter 90, monitoring: the port itself, and /varz."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.monitored import ANSWER, answered, at, told, without

if TYPE_CHECKING:
    import asyncio

    from nats_reference.monitoring.endpoints import Answer, Endpoints
    from nats_reference.monitoring.http import HttpLink, Monitoring

ENDPOINTS = "nats_reference.monitoring.endpoints"
HTTP = "nats_reference.monitoring.http"
ASKING = "nats_reference.monitoring.asking"
VARZ = "nats_reference.monitoring.varz"


@fault("MON-GEN-001", "there is no /accstatz")
def no_accstatz(patch: Patch) -> None:
    """As in old releases."""
    documents = dict(patch.original(f"{ENDPOINTS}:DOCUMENTS"))
    del documents["/accstatz"]
    patch.attribute(f"{ENDPOINTS}:DOCUMENTS", documents)


@fault("MON-GEN-002", "/expvarz is there")
def expvarz(patch: Patch) -> None:
    """With what /debug/vars says."""
    answer = patch.original(ANSWER)

    def either(self: Endpoints, target: str) -> Answer:
        found: Answer = answer(self, "/debug/vars" if target == "/expvarz" else target)
        return found

    patch.attribute(ANSWER, either)


@fault("MON-GEN-003", "answers may not be read by pages of other origins")
def no_other_origins(patch: Patch) -> None:
    """They lack the header that allows it."""
    headers = patch.original(f"{HTTP}:headers")
    patch.attribute(f"{HTTP}:headers", lambda answer: headers(answer)[:2])


@fault("MON-GEN-004", "a slash behind a path is as good as none")
def lenient_slashes(patch: Patch) -> None:
    """Many servers do that."""
    within = patch.original(f"{ENDPOINTS}:within")
    patch.attribute(f"{ENDPOINTS}:within", lambda path, base: within(path.rstrip("/") or "/", base))


@fault("MON-GEN-005", "only GET and HEAD are answered")
def get_only(patch: Patch) -> None:
    """The others are not allowed."""
    answer = patch.original(f"{HTTP}:HttpLink._answer")

    def strict(self: HttpLink, found: Answer) -> None:
        asked = self._request.method if self._request else b"GET"
        refused = asked not in {b"GET", b"HEAD"}
        answer(self, replace(found, status=405, body=b"") if refused else found)

    patch.attribute(f"{HTTP}:HttpLink._answer", strict)


@fault("MON-GEN-006", "a boolean that can't be read is false")
def lenient_flags(patch: Patch) -> None:
    """Nobody is told."""
    patch.attribute(
        f"{ASKING}:Query.flag",
        lambda self, name: self.text(name).lower() in {"1", "t", "true"},
    )


@fault("MON-GEN-006/words", "booleans are true and false only")
def strict_flags(patch: Patch) -> None:
    """Go reads more words."""
    flag = patch.original(f"{ASKING}:Query.flag")
    refused = patch.original(f"{ASKING}:refused")

    def two_words(self: object, name: str) -> object:
        given = self.text(name)  # type: ignore[attr-defined]
        if given in {"t", "T", "f", "F"}:
            raise refused("boolean", name, "{}: {}", "ParseBool", given)
        return flag(self, name)

    patch.attribute(f"{ASKING}:Query.flag", two_words)


@fault("MON-GEN-007", "a callback is called")
def jsonp(patch: Patch) -> None:
    """As up to 2.14.1."""

    def called(answer: Answer, _path: str, query: str) -> Answer:
        name = query.partition("callback=")[2]
        if not name:
            return answer
        body = b"%b(%b)" % (name.encode(), answer.body)
        return replace(answer, type="application/javascript", body=body)

    answered(patch, called)


@fault("MON-GEN-008", "the base path may be left out")
def base_or_not(patch: Patch) -> None:
    """Both are answered."""
    within = patch.original(f"{ENDPOINTS}:within")
    patch.attribute(f"{ENDPOINTS}:within", lambda path, base: within(path, base) or path)


@fault("MON-GEN-009", "answers are indented by a tab's width")
def wide(patch: Patch) -> None:
    """Four spaces."""
    document = patch.original(f"{ENDPOINTS}:document")
    patch.attribute(
        f"{ENDPOINTS}:document",
        lambda found, indent=2: document(found, None if indent is None else 4),
    )


@fault("MON-GEN-010", "the root page is plain text")
def plain_root(patch: Patch) -> None:
    """A list of paths."""
    at(patch, "/", lambda answer, _query: replace(answer, type="text/plain; charset=utf-8"))


@fault("MON-GEN-011", "/varz shows the port that was found, not the one that was configured")
def real_port(patch: Patch) -> None:
    """Who reads it can't tell that any port would do."""
    start = patch.original(f"{HTTP}:Monitoring.start")

    async def started(self: Monitoring, loop: asyncio.AbstractEventLoop) -> None:
        await start(self, loop)
        self.server.options = replace(self.server.options, http_port=self.server.http_port)

    patch.attribute(f"{HTTP}:Monitoring.start", started)


@fault("MON-VARZ-001", "/varz leaves out objects that are empty")
def no_empty_objects(patch: Patch) -> None:
    """As `omitempty` promises in Go, and doesn't keep."""
    patch.attribute(f"{VARZ}:NOTHING", ())


@fault("MON-VARZ-002", "/varz does not count stalled clients")
def not_stalled(patch: Patch) -> None:
    """As before 2.12."""
    without(patch, "/varz", "stalled_clients")


@fault("MON-VARZ-002/unknown", "/varz has a member that nobody knows")
def unknown_member(patch: Patch) -> None:
    """A mark of this server."""
    told(patch, "/varz", lambda found, _query: found.update(reference=True))


@fault("MON-VARZ-003", "the length of control lines is counted as well")
def lines_counted(patch: Patch) -> None:
    """About twenty bytes each."""

    def more(found: dict[str, int], _query: str) -> None:
        found["in_bytes"] += 20 * found["in_msgs"]

    told(patch, "/varz", more)


@fault("MON-VARZ-004", "requests of /subscriptionsz are counted apart")
def counted_apart(patch: Patch) -> None:
    """Under their own name."""
    names = {**patch.original(f"{ENDPOINTS}:COUNTED_AS"), "/subscriptionsz": "/subscriptionsz"}
    patch.attribute(f"{ENDPOINTS}:COUNTED_AS", names)


@fault("MON-VARZ-005", "an uptime is a number of seconds")
def seconds_only(patch: Patch) -> None:
    """With a fraction."""

    def short(found: dict[str, object], _query: str) -> None:
        found["uptime"] = "0.5"

    told(patch, "/varz", short)


@fault("MON-MISC-004", "/debug/vars is labelled without a charset")
def no_charset(patch: Patch) -> None:
    """Like all the others."""
    at(patch, "/debug/vars", lambda answer, _query: replace(answer, type="application/json"))


@fault("MON-MISC-003", "/stacksz is JSON")
def stacks_as_json(patch: Patch) -> None:
    """As its label says."""
    at(
        patch,
        "/stacksz",
        lambda answer, _query: replace(answer, body=json.dumps([str(answer.body)]).encode()),
    )
