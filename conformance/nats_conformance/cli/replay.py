"""`replay`: send a transcript's client bytes again and show what the server says now."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from nats_conformance import replaying
from nats_conformance.probe import probe
from nats_conformance.redaction import BLOT
from nats_conformance.targets import resolve
from nats_conformance.transcript import Transcript

from .arguments import parser
from .exits import Exit, Usage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Run the verb."""
    arguments = parser(
        "replay",
        "Send the client bytes of a results.json's failures (or of the cases selected)"
        " again, and show where the server's bytes differ.",
    )
    arguments.add_argument("file", type=Path, metavar="FILE", help="results.json of a run")
    arguments.add_argument("--select", action="append", default=[], metavar="GLOB")
    arguments.add_argument("--target", help="another target than the recorded one")
    arguments.add_argument("--patience", type=float, default=2.0, metavar="SECONDS")
    options = arguments.parse_args(words)
    console = Console(highlight=False)
    chosen = _chosen(options)
    probed: set[str] = set()
    differ = 0
    for name, case in chosen:
        if BLOT in name:
            raise Usage(f"{name}: credentials aren't kept; name it in full with --target")
        target = resolve(name)
        if name not in probed:
            probe(target, options.patience)
            probed.add(name)
        transcript = Transcript.from_json(case.get("transcript", ()))
        if not transcript.complete():
            raise Usage(f"{case['id']}: its transcript was shortened, so can't be replayed")
        if replaying.starts_servers(transcript):
            raise Usage(f"{case['id']} starts servers of its own; run it again instead")
        again = replaying.replay(
            transcript, target, case.get("config", "default"), options.patience
        )
        differences = replaying.differences(transcript, again)
        differ += bool(differences)
        sign = Text("≠ ", "bold red") if differences else Text("= ", "green")
        console.print(sign.append(case["id"], "bold").append(f"  on {name}", "dim"))
        for line in differences or ["the server said the same"]:
            style = {"-": "red", "+": "green"}.get(line[:1], "dim")
            console.print(Text(f"    {line}", style), soft_wrap=True)
    return Exit.DIFFERS if differ else Exit.CONFORMS


def _chosen(options: argparse.Namespace) -> list[tuple[str, dict[str, Any]]]:
    """Target and case of each transcript to be replayed."""
    try:
        data = json.loads(options.file.read_text("utf-8"))
        if data.get("made"):
            raise Usage(
                f"{options.file} is of the matrix, which shortens transcripts; run the case"
            )
        targets = data["targets"]
        cases = [(options.target or t["name"], case) for t in targets for case in t["cases"]]
    except OSError as error:
        raise Usage(f"cannot read {options.file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Usage(f"{options.file} is no results.json of a run") from error
    if options.select:
        chosen = [
            (name, case)
            for name, case in cases
            if any(fnmatchcase(each, g) for g in options.select for each in _names(case))
        ]
    else:
        chosen = [(name, case) for name, case in cases if case["verdict"] in {"FAIL", "XFAIL"}]
    if not chosen:
        raise Usage("nothing to replay: no such case, or (without --select) no failure")
    return chosen


def _names(case: dict[str, Any]) -> list[str]:
    return [case["id"], *case["requirements"]]
