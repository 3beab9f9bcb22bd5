"""A page that shows a results.json of the reader's own, by the code of the HTML report.

It is no page of MkDocs: the report has its own style, and everything is in the one file.
"""

from __future__ import annotations

import json
from pathlib import Path

from nats_conformance.reports.html import part
from nats_conformance.results import Verdict
from nats_spec import requirements

_SCRIPT = Path(__file__).parents[1] / "assets" / "viewer.js"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Show a results.json - nats-spec</title>
<style>{style}</style>
</head>
<body>
<header>
  <h1>Show a results.json</h1>
  <p>Choose the file that <code>nats-conformance --json FILE</code> wrote. It stays in this browser.
  <a href="../">Back to the matrix</a></p>
  <p><label>File <input id="file" type="file" accept=".json,application/json"></label></p>
  <p id="note" class="facts" aria-live="polite"></p>
  <ul class="targets" id="targets"></ul>
</header>
<form id="filters" aria-label="Filters" hidden>
  <label>Search <input id="search" type="search" placeholder="id, sentence or case"></label>
  <label>Chapter <select id="chapter"><option value="">all</option></select></label>
  <label>Verdict <select id="verdict"><option value="">all</option></select></label>
  <label>Level <select id="level"><option value="">all</option></select></label>
  <output id="count" aria-live="polite"></output>
</form>
<main id="requirements"></main>
<script type="application/json" id="specification">{specification}</script>
<script type="application/json" id="data"></script>
<script type="text/plain" id="page">{page}</script>
<script>{diagram}{viewer}</script>
</body>
</html>
"""


def page() -> str:
    """The document."""
    style = part("page.css") + part("diagram.css") + "[hidden] { display: none !important; }"
    return _PAGE.format(
        style=style,
        # A script element ends at the first `</`, wherever that stands.
        specification=json.dumps(_specification(), ensure_ascii=False).replace("<", "\\u003c"),
        page=part("page.js"),
        diagram=part("diagram.js"),
        viewer=_SCRIPT.read_text("utf-8").replace('"use strict";\n', ""),
    )


def _specification() -> dict[str, object]:
    return {
        "verdicts": [verdict.value for verdict in Verdict],
        "chapters": [
            {
                "number": chapter.number,
                "title": chapter.title,
                "requirements": [
                    {"id": r.id, "level": r.level.name, "text": r.text, "since": r.since}
                    for r in chapter.requirements
                ],
            }
            for chapter in requirements.load().chapters
        ],
    }
