"""The two pictures of the README: a failure that was found, and the matrix in brief.

`make pictures` makes them anew: the failure from a run of its case against nats-server, the matrix from
the committed results. A test does the same and compares, so neither shows what isn't so. Colours
are in the pictures themselves, for both schemes: GitHub shows them as images.
"""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any, Final

import matrix_data

from nats_conformance import visible
from nats_conformance.results import Verdict
from nats_spec import requirements

ASSETS: Final = Path(__file__).parents[1] / "assets"
TARGET: Final = "nats-server"
CASE: Final = "114_purge:a_purge_that_empties_a_file_leaves_no_gap"
REQUIREMENT: Final = "JS-PURGE-004"
#: What is shown of an answer's state.
_STATE: Final = ("messages", "first_seq", "last_seq", "num_deleted", "deleted")
#: How many questions of the case are shown, counted from its end.
_LAST: Final = 4
_WIDTH: Final = 820
_STYLE: Final = """
.back { fill: #ffffff; stroke: #d5dce1; } text { fill: #24303a; font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
.head { font-weight: 700; } .dim { fill: #5a6472; } .client { fill: #0b5cad; } .server { fill: #1a6b52; } .bad { fill: #b3261e; font-weight: 700; }
.p { fill: #1a6b52; } .x { fill: #b3261e; } .n { fill: #b8c0c8; } .f { fill: #a05a00; }
@media (prefers-color-scheme: dark) { .back { fill: #1b1f27; stroke: #414758; } text { fill: #d6dbe2; } .dim { fill: #a9b4c0; }
.client { fill: #82b9ff; } .server, .p { fill: #6fd3ae; } .bad, .x { fill: #ff8a80; } .n { fill: #59606c; } .f { fill: #ffb95c; } }
"""


def failed() -> dict[str, Any]:
    """The case, run against nats-server without what excuses it; its entry in results.json."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        excused = Path(folder) / "nothing.toml"
        excused.touch()
        command = [sys.executable, "-m", "nats_conformance", TARGET, "--select", CASE]
        command += ["--baseline", str(excused), "--json", str(file)]
        subprocess.run(command, check=False, capture_output=True)
        (target,) = json.loads(file.read_text(encoding="utf-8"))["targets"]
    (case,) = (each for each in target["cases"] if each["id"] == CASE)
    return {"version": target["server"]["version"], **case}


def failure(case: dict[str, Any]) -> str:
    """What went over the wire at the end, what the specification says, and how to see it again."""
    version, sentence = case["version"], requirements.load().requirements[REQUIREMENT].text
    said = _conversation(case["transcript"])
    state = said[-1][1]
    lines: list[tuple[str, str]] = [("bad", f"✗ {REQUIREMENT}  on nats-server {version}")]
    lines += [("", each) for each in textwrap.wrap(sentence.replace("`", ""), 92)]
    lines += [
        ("", ""),
        ("dim", "Eight messages are stored in a file; all but the sixth are deleted. Then:"),
    ]
    for question, answer in said[-_LAST:]:
        lines += [("client", f"  C: {question}"), ("server", f"  S: {answer}")]
    lines += [
        ("", ""),
        ("head", "expected  first_seq 9 above last_seq 8, and no gap"),
        ("bad", f"got       {state.removeprefix('…state ')}"),
        (
            "dim",
            f"again     nats-conformance nats-server@{version} --select {REQUIREMENT} --baseline /dev/null",
        ),
    ]
    height = 24 + 21 * len(lines)
    body = "".join(
        f'<text class="{kind}" x="18" y="{28 + 21 * number}" xml:space="preserve">{html.escape(text)}</text>'
        for number, (kind, text) in enumerate(lines)
    )
    return _svg(height, f"{REQUIREMENT} fails on nats-server {version}", body)


def _conversation(transcript: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Questions to the API and their answers, without what differs each time."""
    found: list[tuple[str, str]] = []
    asked = ""
    for entry in transcript:
        data = visible.read(entry["data"]).decode()
        if entry["side"] == "C" and "$JS.API." in data:
            line, _, body = data[data.index("$JS.API.") :].partition("\r\n")
            endpoint = line.split(" ")[0].rpartition(".")[0].removeprefix("$JS.API.")
            asked = f"$JS.API.{endpoint} {body.strip()}"
        elif entry["side"] == "S" and asked and data.startswith("MSG"):
            answer = json.loads(data.partition("\r\n")[2])
            found.append((asked, _shown(answer)))
            asked = ""
    return found


def _shown(answer: dict[str, Any]) -> str:
    if state := answer.get("state"):
        kept = {name: state[name] for name in _STATE if name in state}
        return f"…state {json.dumps(kept)}"
    return json.dumps({name: value for name, value in answer.items() if name != "type"})


def matrix() -> str:
    """A bar for each target: requirements that it keeps, doesn't keep, need not keep."""
    columns = [column for column in matrix_data.columns() if column.requirements]
    kinds = {Verdict.PASS: "p", Verdict.XFAIL: "f", Verdict.NA: "n"}
    most = max(len(column.requirements) for column in columns)
    scale = 380 / most
    parts = []
    for number, column in enumerate(columns):
        counts = Counter(kinds.get(each.verdict, "x") for each in column.requirements.values())
        y, x = 20 + 22 * number, 190.0
        parts.append(f'<text x="18" y="{y + 13}">{html.escape(column.title)}</text>')
        for kind in "pfxn":
            width = counts[kind] * scale
            if width:
                parts.append(
                    f'<rect class="{kind}" x="{x:.1f}" y="{y + 1}" width="{width:.1f}" height="15"/>'
                )
            x += width
        parts.append(
            f'<text class="dim" x="{x + 10:.1f}" y="{y + 13}">'
            f"{counts['p']} kept, {counts['f'] + counts['x']} not, {counts['n']} n/a</text>"
        )
    label = f"{len(columns)} servers against {most} requirements"
    return _svg(30 + 22 * len(columns), label, "".join(parts))


def _svg(height: int, label: str, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img"><title>{html.escape(label)}</title><style>{_STYLE}</style>'
        f'<rect class="back" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="6"/>{body}</svg>\n'
    )


def main() -> None:
    """Write both."""
    (ASSETS / "failure.svg").write_text(failure(failed()), encoding="utf-8")
    (ASSETS / "matrix.svg").write_text(matrix(), encoding="utf-8")


if __name__ == "__main__":
    main()
