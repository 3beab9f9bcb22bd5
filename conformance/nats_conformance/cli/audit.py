"""`audit`: put live data before the invariants, read-only."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from nats_conformance import catalogue
from nats_conformance.audit.client import Client, Refused
from nats_conformance.audit.stream import SHOWN, audit
from nats_conformance.targets.url import parse

from .arguments import parser
from .exits import Exit, Usage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nats_conformance.audit.stream import Finding

_SCHEMA_VERSION: Final = 1
_NOT_FOUND: Final = 10059


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    options = _options(words)
    output = Console(highlight=False)
    began = time.monotonic()
    with Client(parse(options.server), options.patience) as client:
        finding = _watched(client, options.name)
        server = {"name": client.info.get("server_name"), "version": client.info.get("version")}
    seconds = time.monotonic() - began
    sound = not finding.violations and not (options.strict and finding.remarks)
    _tell(output, options.name, finding, seconds, sound=sound)
    if options.json:
        document = _document(options.name, server, finding, seconds, sound=sound)
        _write(options.json, document)
    return Exit.CONFORMS if sound else Exit.DIFFERS


def _options(words: Sequence[str]) -> argparse.Namespace:
    arguments = parser(
        "audit",
        "Read live data and see whether it is sound. Nothing is written, no consumer is made.",
    )
    arguments.add_argument("kind", choices=("stream",), help="what to look at")
    arguments.add_argument("name", metavar="NAME", help="its name")
    arguments.add_argument(
        "--server",
        default="nats://127.0.0.1:4222",
        metavar="URL",
        help="nats://[user:password@|token@]host[:port] (nats://127.0.0.1:4222)",
    )
    arguments.add_argument(
        "--strict",
        action="store_true",
        help="count what an update of the configuration may explain as well",
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write what was found there")
    arguments.add_argument(
        "--patience", type=float, default=10.0, metavar="SECONDS", help="how long to wait (10)"
    )
    return arguments.parse_args(words)


def _watched(client: Client, name: str) -> Finding:
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
        task = p.add_task(f"reading {name}", total=None)
        try:
            return audit(client, name, lambda done, of: p.update(task, completed=done, total=of))
        except Refused as refused:
            if refused.code == _NOT_FOUND:
                raise Usage(f"there is no stream {name}") from refused
            raise Usage(f"the stream {name} can't be read: {refused}") from refused


def _tell(output: Console, name: str, finding: Finding, seconds: float, *, sound: bool) -> None:
    shown = defaultdict(list)
    for each in finding.shown:
        shown[each.requirement, each.remark].append(each)
    for (requirement, remark), breaches in sorted(shown.items(), key=lambda item: item[0][::-1]):
        style, kind = ("yellow", "remark") if remark else ("red", "violation")
        count = (finding.remarks if remark else finding.violations)[requirement]
        head = Text(f"{requirement} ", "bold cyan").append(f"{kind}, {count} times", style)
        output.print(head)
        output.print(Padding(Text(_sentence(requirement), "dim"), (0, 2)))
        if remark:
            output.print(Padding(Text("(or the configuration was another then)", "dim"), (0, 2)))
        for each in breaches:
            where = "the stream: " if each.seq is None else f"message {each.seq}, {each.subject}: "
            output.print(Padding(Text(where, "bold").append(each.text, "default"), (0, 4)))
        if count > SHOWN:
            output.print(Padding(Text(f"… and {count - SHOWN} more", "dim"), (0, 4)))
    for sentence in finding.not_judged:
        output.print(Text(f"not judged: {sentence}", "yellow"))
    state = finding.before
    mark = Text("✓ ", "green") if sound else Text("✗ ", "red")
    verdict = "sound" if sound else "not sound"
    remarks = sum(finding.remarks.values())
    output.print(
        mark.append(f"stream {name} is {verdict}", "bold")
        .append(f": {finding.read:,} messages read, {state.num_subjects:,} subjects", "default")
        .append(f", {state.num_bytes:,} bytes, {seconds:.1f} s", "default")
        .append(f"; {remarks} remarks" if remarks else "", "yellow")
    )


def _sentence(requirement: str) -> str:
    known = catalogue.specification().requirements.get(requirement)
    return known.text if known else "(no chapter has it)"


def _document(
    name: str, server: dict[str, Any], finding: Finding, seconds: float, *, sound: bool
) -> dict[str, Any]:
    return {
        "schema_version": _SCHEMA_VERSION,
        "kind": "stream",
        "name": name,
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
                "requirement": each.requirement,
                "sentence": _sentence(each.requirement),
                "text": each.text,
                "seq": each.seq,
                "subject": each.subject,
                "remark": each.remark,
            }
            for each in finding.shown
        ],
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise Usage(f"cannot write {path}: {error.strerror}") from error
