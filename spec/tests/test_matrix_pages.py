"""The pages of the matrix show what is in the committed results, and every link finds its place."""

import html
import json
import re
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from nats_conformance.matrix import changes, folder, releases
from nats_spec import requirements

SCHEMA = json.loads((files("nats_conformance") / "results.schema.json").read_text("utf-8"))
KEPT = folder.read(folder.SHIPPED)
#: Bytes of a committed file, at most.
LARGEST = 440_000


def page(site: Path, name: str) -> str:
    return (site / name / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kept", KEPT, ids=lambda each: releases.brief(each.name))
def test_a_committed_file_is_small_and_speaks_of_requirements_that_there_are(
    kept: folder.Kept,
) -> None:
    text = kept.path.read_text(encoding="utf-8")
    jsonschema.validate(json.loads(text), SCHEMA)
    known = requirements.load().requirements

    assert len(text.encode()) <= LARGEST
    assert text == folder.text(kept.results)
    assert {each.id for each in kept.target.requirements} <= known.keys()
    assert all(each.id and each.id.partition(":")[2] for each in kept.target.cases)
    assert not re.search(r"nats-conformance-\w{8}|/home/|/root/|\b127\.0\.0\.1:\d", text)


def test_the_matrix_holds_the_default_releases_and_the_reference() -> None:
    assert [each.name for each in KEPT] == releases.default()


def test_changes_between_releases_are_found_with_both_sides() -> None:
    numbered = [each for each in KEPT if releases.is_release(each.name)]
    found = changes.between(numbered)
    whole = [
        change
        for change in found
        if all(pair.before.recorded and pair.after.recorded for pair in change.pairs)
    ]
    assert len(whole) >= 20
    assert {"INFO-019", "REQ-002", "REQ-003", "JS-API-018"} & {
        name for change in found for name in change.requirements
    }


def test_a_row_for_each_requirement_and_a_cell_for_each_target(site: Path) -> None:
    text = page(site, "matrix")
    rows = re.findall(r'<tr id="([A-Z0-9-]+)"(.*?)</tr>', text, re.DOTALL)

    graded = {each.id for kept in KEPT for each in kept.target.requirements}
    assert {name for name, _ in rows} == graded
    assert len(rows) == len(graded)
    assert all(len(re.findall(r"<td", row)) == 1 + len(KEPT) for _, row in rows)
    assert text.count('<th scope="col"') == 2 + len(KEPT)
    signs = {"PASS": "✓", "XFAIL": "~", "NA": "–", "FAIL": "✗"}
    for verdict, sign in signs.items():
        cells = re.findall(rf'<td class="{verdict}">(?:<a [^>]*>)?(.)', text)
        assert set(cells) <= {sign}


@pytest.mark.parametrize("name", ["matrix", "matrix/changes", *(k.path.stem for k in KEPT[:2])])
def test_every_link_of_the_matrix_finds_its_place(site: Path, name: str) -> None:
    name = name if name.startswith("matrix") else f"matrix/{name}"
    text = page(site, name)
    article = text[text.index("<article") : text.index("</article>")]
    pages: dict[Path, str] = {}

    links = set(re.findall(r'href="([^":]*)#([^"]+)"', article))
    assert links
    for way, place in links:
        file = (site / name / way).resolve() / "index.html" if way else site / name / "index.html"
        if file not in pages:
            pages[file] = file.read_text(encoding="utf-8")
        assert f'id="{html.unescape(place)}"' in pages[file], (way, place)


def test_each_requirement_tells_who_passes(site: Path) -> None:
    text = page(site, "spec/34-request-reply")
    known = next(c for c in requirements.load().chapters if c.name == "34-request-reply")

    told = re.findall(r'<p class="tested">(.*?)</p>', text)
    assert len(told) == len(known.requirements)
    rows = page(site, "matrix")
    for each in told:
        (place,) = re.findall(r'href="../../matrix/#([^"]+)"', each)
        assert f'<tr id="{place}"' in rows
    assert any(re.search(r"passes: reference, nats-server 2\.10\.25–2\.15\.1", t) for t in told)
    assert any("not required: " in t for t in told)


def test_the_pages_ask_nobody_else_and_need_no_script_to_be_read(site: Path) -> None:
    for name in ("matrix", "matrix/changes", f"matrix/{KEPT[0].path.stem}"):
        text = page(site, name)
        article = text[text.index("<article") : text.index("</article>")]
        assert not re.search(r'(?:src|href)="(?:https?:)?//', article.partition("<form")[2])
        assert "<!-- matrix" not in text
    assert (site / "assets" / "diagram.js").exists()
    assert '<ol class="talk">' in page(site, "matrix/changes")
