"""The site is built strictly, and shows every requirement and every rule of every grammar."""

import html
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from lark.load_grammar import load_grammar

from nats_spec import grammars, requirements, schemas

ROOT = Path(__file__).parents[2]


def page(site: Path, name: str) -> str:
    return (site / name / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("chapter", requirements.load().chapters, ids=lambda each: each.name)
def test_every_requirement_has_its_box_and_anchor(
    site: Path, chapter: requirements.Chapter
) -> None:
    html = page(site, f"spec/{chapter.name}")

    for requirement in chapter.requirements:
        assert f'id="{requirement.id}"' in html
    assert html.count('<section class="requirement') == len(chapter.requirements)
    assert html.count('<div class="wire') == sum(len(r.examples) for r in chapter.requirements)
    assert all(f'id="{each.id}"' in html for each in chapter.excluded)
    assert "<!-- table" not in html
    assert "```" not in html


@pytest.mark.parametrize("name", grammars.STARTS)
def test_every_rule_has_a_diagram(site: Path, name: str) -> None:
    html = page(site, f"grammar/{name}")
    grammar, _ = load_grammar(grammars.source(name), name, [], global_keep_all_tokens=False)

    assert html.count("<svg class='railroad-diagram'") + html.count(
        '<svg class="railroad-diagram"'
    ) == len(grammar.rule_defs)
    targets = set(re.findall(r'xlink:href="#([^"]+)"', html))
    assert targets
    assert all(f'id="{target}"' in html for target in targets)


def test_tables_come_from_the_data(site: Path) -> None:
    assert "<code>max_payload</code>" in page(site, "spec/20-connect")
    assert "<code>Unknown Protocol Operation</code>" in page(site, "spec/60-errors")


def test_a_requirement_leads_to_its_code_its_case_and_its_fault(site: Path) -> None:
    box = (
        page(site, "spec/32-queue-groups").partition('id="QUEUE-001"')[2].partition("</section>")[0]
    )

    for part in ("nats_reference/routing", "nats_conformance/cases", "nats_reference/faults"):
        assert re.search(rf'href="[^"]*source/{part}[^"]*#L\d+"', box), part


@cache
def anchors(file: Path) -> frozenset[str]:
    text = file.read_text(encoding="utf-8")
    return frozenset(html.unescape(each) for each in re.findall(r'\bid="([^"]*)"', text))


def test_no_link_and_no_anchor_is_dead(site: Path) -> None:
    dead = []
    for file in site.rglob("*.html"):
        if "source" in file.relative_to(site).parts or file.name == "404.html":
            continue
        text = re.sub(
            r"<(script|style).*?</\1>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        for link in set(re.findall(r'(?:href|src)="([^"]*)"', text)):
            where, _, anchor = unquote(html.unescape(link)).partition("#")
            if re.match(r"[a-z]+:", where):
                continue
            target = (file.parent / where).resolve() if where else file
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                dead.append(f"{file.relative_to(site)}: {link}")
            elif anchor and not anchor.startswith("__") and anchor not in anchors(target):
                dead.append(f"{file.relative_to(site)}: no anchor {link}")
    assert not dead, "\n".join(dead[:40])


@pytest.mark.parametrize("name", ["info", "connect", *schemas.names("jetstream")])
def test_every_schema_has_a_page_and_its_json(site: Path, name: str) -> None:
    short = name.rpartition("/")[2]
    text = page(site, f"schema/{short}")

    for member in schemas.schema(name).get("properties", {}):
        assert f"<code>{member}</code>" in text
    assert json.loads((site / "schema" / "json" / f"{short}.json").read_text("utf-8"))


def test_evidence_is_told_in_full(site: Path) -> None:
    kills = json.loads((ROOT / "docs" / "data" / "kills.json").read_text("utf-8"))["faults"]
    text = page(site, "evidence/kills")
    assert text.count("<tr>") > 0.98 * len(kills)
    disputed = [each.id for each in requirements.load().requirements.values() if each.disputed]
    text = page(site, "evidence/disagreements")
    assert all(f"#{each}" in text for each in disputed)
    assert "2.*" in page(site, "evidence/findings")
    assert "<svg" in page(site, "evidence/benchmarks")


def test_tables_stand_on_pages_of_their_own(site: Path) -> None:
    assert "<code>client_ip</code>" in page(site, "tables/fields")
    assert "<code>maximum control line exceeded</code>" in page(site, "tables/refusals")
    assert "10071" in page(site, "tables/err-codes")
    assert "408" in page(site, "tables/statuses")
    assert "$JS.API.STREAM.CREATE.{stream}" in page(site, "tables/endpoints")


def test_python_is_documented_from_its_docstrings(site: Path) -> None:
    assert "moved" in page(site, "api/testing")
    assert 'id="nats_spec.requirements.load"' in page(site, "api/readers")
    assert 'id="nats_conformance.invariants.stream"' in page(site, "api/invariants")
