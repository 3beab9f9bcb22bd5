"""`audit`: put live data before the invariants, read-only."""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from nats_conformance import catalogue
from nats_conformance.audit import consumer, kv, objects, stream
from nats_conformance.audit.client import Client, Refused
from nats_conformance.audit.finding import SHOWN
from nats_conformance.expect import Unreachable
from nats_conformance.targets.url import parse
from nats_spec.subjects import valid_literal

from .arguments import parser, seconds
from .exits import Exit, Usage
from .writing import write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from nats_conformance.audit.finding import Finding

_SCHEMA_VERSION: Final = 1


class _Kind(NamedTuple):
    """Something that can be looked at."""

    called: str
    audit: Callable[..., Finding]
    #: What a remark may come to.
    excuse: str
    #: How the names of their streams begin.
    prefixes: tuple[str, ...] = ()


_KINDS: Final = {
    "stream": _Kind("stream", stream.audit, "or the configuration was another then"),
    "kv": _Kind(
        "bucket", kv.audit, "clients alone refuse it, or the limit was another then", ("KV_",)
    ),
    "consumer": _Kind("consumer", consumer.audit, "or the configuration was another then"),
    "object": _Kind(
        "object store", objects.audit, "or something is under way; it does no harm", ("OBJ_",)
    ),
}
_NOT_FOUND: Final = frozenset({10059, 10014})
#: The account, or the server, has no JetStream.
_NO_JETSTREAM: Final = frozenset({10039, 10076})
#: Characters of a place or a text that are shown; in JSON there are all.
_LONG: Final = 300


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    output = Console(highlight=False)
    began = time.monotonic()
    with Client(parse(options.server), options.patience) as client:
        finding = _watched(client, options)
        server = {"name": client.info.get("server_name"), "version": client.info.get("version")}
    seconds = time.monotonic() - began
    sound = not finding.violations and not (options.strict and finding.remarks)
    _tell(output, options, finding, seconds, sound=sound)
    if options.json:
        document = _document(options, server, finding, seconds, sound=sound)
        write_json(options.json, document)
    return Exit.CONFORMS if sound else Exit.DIFFERS


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser(
        "audit",
        "Read live data and see whether it is sound. Nothing is written, no consumer is made.",
    )
    arguments.add_argument("kind", choices=tuple(_KINDS), help="what to look at")
    arguments.add_argument(
        "names", metavar="NAME", nargs="+", help="its name; before that of a consumer its stream's"
    )
    arguments.add_argument(
        "--server",
        default="nats://127.0.0.1:4222",
        metavar="URL",
        help="nats://[user:password@|token@]host[:port] (nats://127.0.0.1:4222)",
    )
    arguments.add_argument(
        "--strict",
        action="store_true",
        help="count remarks as well: what an update, or a put under way, may explain",
    )
    arguments.add_argument(
        "--settled",
        action="store_true",
        help="object: no put is under way, so fresh chunks without metadata are left over",
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write what was found there")
    arguments.add_argument(
        "--patience", type=seconds, default=10.0, metavar="SECONDS", help="how long to wait (10)"
    )
    options = arguments.parse_args(words)
    if len(options.names) != 1 + (options.kind == "consumer"):
        raise Usage("audit consumer takes STREAM and NAME, everything else is one NAME")
    options.name = " of ".join(reversed(options.names))
    for name in options.names:
        if "." in name or not valid_literal(name.encode(errors="surrogateescape")):
            raise Usage(f"nothing can be called {name!r}: a name is one token of a subject")
    if options.settled and options.kind != "object":
        raise Usage("--settled is about objects")
    return options


def _watched(client: Client, options: argparse.Namespace) -> Finding:
    """The finding, with a bar that shows how far it is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    terminal = Console(stderr=True)
    with Progress(
        *columns, console=terminal, transient=True, disable=not terminal.is_terminal
    ) as p:
        task = p.add_task(f"reading {options.name}", total=None)
        kind: _Kind = _KINDS[options.kind]
        more = {"settled": True} if options.settled else {}
        try:
            return kind.audit(
                client,
                *options.names,
                lambda done, of: p.update(task, completed=done, total=of),
                **more,
            )
        except Refused as refused:
            if refused.code in _NOT_FOUND:
                meant = _meant(kind, options.name)
                raise Usage(f"there is no {kind.called} {options.name}{meant}") from refused
            if refused.code in _NO_JETSTREAM:
                raise Unreachable(str(refused)) from refused
            raise Usage(f"the {kind.called} {options.name} can't be read: {refused}") from refused


def _meant(kind: _Kind, name: str) -> str:
    """Buckets are named without what stands before them in the names of their streams."""
    for prefix in kind.prefixes:
        if name.startswith(prefix):
            return f" (the stream {name} would hold {kind.called} {name.removeprefix(prefix)})"
    return ""


def _tell(
    output: Console, options: argparse.Namespace, finding: Finding, seconds: float, *, sound: bool
) -> None:
    kind: _Kind = _KINDS[options.kind]
    shown = defaultdict(list)
    for each in finding.shown:
        shown[each.requirement, each.remark].append(each)
    for (requirement, remark), breaches in sorted(shown.items(), key=lambda item: item[0][::-1]):
        style, what = ("yellow", "remark") if remark else ("red", "violation")
        count = (finding.remarks if remark else finding.violations)[requirement]
        head = Text(f"{requirement} ", "bold cyan").append(f"{what}, {count} times", style)
        output.print(head)
        output.print(Padding(Text(_sentence(requirement), "dim"), (0, 2)))
        if remark:
            output.print(Padding(Text(f"({kind.excuse})", "dim"), (0, 2)))
        for each in breaches:
            where = Text(f"{_plain(each.place)}: ", "bold").append(_plain(each.text), "default")
            output.print(Padding(where, (0, 4)))
        if count > SHOWN:
            output.print(Padding(Text(f"… and {count - SHOWN} more", "dim"), (0, 4)))
    for sentence in finding.not_judged:
        output.print(Text(f"not judged: {sentence}", "yellow"))
    mark = Text("✓ ", "green") if sound else Text("✗ ", "red")
    verdict = "sound" if sound else "not sound"
    remarks = sum(finding.remarks.values())
    output.print(
        mark.append(f"{kind.called} {options.name} is {verdict}", "bold")
        .append(f": {finding.summary}, {seconds:.1f} s", "default")
        .append(f"; {remarks} remarks" if remarks else "", "yellow")
    )


def _plain(text: str) -> str:
    """What a terminal may show: names are anybody's, and of any length."""
    kept = text if len(text) <= _LONG else f"{text[: _LONG // 2]}…{text[-_LONG // 2 :]}"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in kept)


def _sentence(requirement: str) -> str:
    known = catalogue.specification().requirements.get(requirement)
    return known.text if known else "(no chapter has it)"


def _document(
    options: argparse.Namespace,
    server: dict[str, Any],
    finding: Finding,
    seconds: float,
    *,
    sound: bool,
) -> dict[str, Any]:
    return {
        "schema_version": _SCHEMA_VERSION,
        "kind": options.kind,
        "name": options.names[-1],
        **({"stream": options.names[0]} if options.kind == "consumer" else {}),
        "server": server,
        "seconds": round(seconds, 3),
        "sound": sound,
        "read": finding.read,
        "config": finding.config,
        "violations": dict(finding.violations),
        "remarks": dict(finding.remarks),
        "not_judged": finding.not_judged,
        "breaches": [
            {
                "sentence": _sentence(each.requirement),
                **dataclasses.asdict(each),
            }
            for each in finding.shown
        ],
    }
