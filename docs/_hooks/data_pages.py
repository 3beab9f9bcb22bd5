"""Pages of tables: what the chapters say in sentences, in one place each, made from the same data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tables
from links import linked

from nats_reference.jetstream.api.dispatch import ENDPOINTS
from nats_spec import grammars, schemas, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDPOINT = re.compile(r"[:|] _PREFIX (?P<pattern>.*?) +-> (?P<name>\w+)")
#: What an endpoint is asked, where the schema isn't called like it.
_ASKED = {
    "direct_get": "direct_get_request",
    "consumer_msg_next": "consumer_getnext_request",
    "consumer_create_ephemeral": "consumer_create_request",
    "consumer_create_filtered": "consumer_create_request",
    "consumer_create_durable": "consumer_create_request",
}


def pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of each."""
    yield _page(
        "fields",
        "INFO and CONNECT",
        (
            "The members of what a server says first, and of what a client answers: "
            "[chapter 20](../spec/20-connect.md)."
        ),
        f"## INFO\n\n{tables.table('info')}",
        f"## CONNECT\n\n{tables.table('connect')}",
    )
    yield _page(
        "refusals",
        "-ERR, and what closes",
        (
            "Every `-ERR` that a server says to a client, whether the connection ends with it, and "
            "every end without a word: [chapter 60](../spec/60-errors.md)."
        ),
        tables.table("errors"),
    )
    yield _page(
        "err-codes",
        "err_code",
        (
            "Every error of JetStream's API. `err_code` is for good, texts are free: "
            "[chapter 101](../spec/101-jetstream-errors.md)."
        ),
        tables.table("api-errors"),
    )
    yield _page(
        "statuses",
        "Status lines",
        (
            "What consumers say in header blocks, and what a client does then: "
            "[chapter 121](../spec/121-pull.md)."
        ),
        statuses.markdown(),
    )
    yield _page(
        "endpoints",
        "Endpoints of JetStream",
        (
            "The subjects below `$JS.API.` that are answered, from the [grammar](../grammar/jetstream.md) "
            "that the reference listens with: [chapter 100](../spec/100-jetstream-api.md)."
        ),
        _endpoints(),
    )


def _page(name: str, title: str, *parts: str) -> tuple[str, str, str]:
    text = "\n\n".join(["---\nhide: [toc]\n---", f"# {title}", *parts])
    return f"tables/{name}.md", title, linked(text, folder="../spec/") + "\n"


def _endpoints() -> str:
    rows = [("subject", "request", "answer", "remark"), ("---",) * 4]
    for found in _ENDPOINT.finditer(grammars.source("jetstream")):
        name = found["name"]
        endpoint = ENDPOINTS.get(name)
        asked = _ASKED.get(name, f"{name}_request")
        alone = "" if endpoint is None or endpoint.leveled else "clusters only"
        rows.append(
            (
                f"`$JS.API.{_subject(found['pattern'])}`",
                _schema(asked),
                _schema(endpoint.kind) if endpoint else "messages, no JSON",
                alone,
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _subject(pattern: str) -> str:
    names = iter(("STREAM", "CONSUMER"))
    words = [
        f"{{{next(names).lower()}}}" if word == "NAME" else "{subject}" if word == "TAIL" else word
        for word in pattern.replace('"', "").split()
    ]
    return "".join(words)


def _schema(name: str) -> str:
    return f"[{name}](../schema/{name}.md)" if schemas.known(f"jetstream/{name}") else "none"
