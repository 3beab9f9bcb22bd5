"""The site is built strictly, and shows every requirement and every rule of every grammar."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lark.load_grammar import load_grammar

from nats_spec import grammars, requirements

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(
        [*command, "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


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
