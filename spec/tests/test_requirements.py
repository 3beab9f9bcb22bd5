"""The reader of the chapters: what it takes, and the line that it names when it doesn't."""

import pytest

from nats_spec import requirements
from nats_spec.requirements import BadChapter, Level, collect, load, read

GOOD = """# 10 Framing

Prose.

## Lines

### FRAME-002 · MUST

A control line MUST be accepted
when it ends with LF.

- profile: core
- since: 2.0
- until: 3.0
- provenance: measured on 2.15.1,
  and read in the source
- disputed: documentation says CR LF

Beside the point.

```wire config=auth-token
C: PING␊
S: PONG␍␊
```

```
### not a heading
```

## Excluded

| id | reason | dated |
|---|---|---|
| FRAME-099 | needs a cluster | 2026-11-22 |
"""


def test_a_requirement_is_read_whole():
    chapter = read("10-framing", GOOD)
    (found,) = chapter.requirements
    assert (chapter.number, chapter.title) == (10, "Framing")
    assert (found.id, found.level) == ("FRAME-002", Level.MUST)
    assert found.text == "A control line MUST be accepted when it ends with LF."
    assert (found.since, found.until) == ("2.0", "3.0")
    assert found.provenance == "measured on 2.15.1, and read in the source"
    assert found.disputed == "documentation says CR LF"
    assert "Beside the point." in found.prose
    (example,) = found.examples
    assert (example.id, example.config) == ("example:FRAME-002:1", "auth-token")
    assert GOOD.splitlines()[example.line - 1] == "C: PING␊"
    (excluded,) = chapter.excluded
    assert (excluded.id, excluded.dated) == ("FRAME-099", "2026-11-22")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("# 10 Framing", "Framing", "10-framing:1"),
        ("· MUST", "· OUGHT", "10-framing:7"),
        ("### FRAME-002", "### frame-two", "10-framing:7"),
        ("- profile: core\n", "", "missing profile"),
        ("- since: 2.0", "- sins: 2.0", "expected '- key: value'"),
        ("A control line MUST be accepted\nwhen it ends with LF.\n", "", "without its sentence"),
        ("C: PING␊", "PING␊", "expected 'C: ' or 'S: '"),
        ("S: PONG␍␊\n```", "S: PONG␍␊", "not closed"),
        ("2026-11-22 |", "some day |", "expected '| id"),
        ("| FRAME-099", "| FRAME-002", "FRAME-002 is there twice"),
    ],
)
def test_a_broken_chapter_is_refused_by_place(old, new, named):
    assert old in GOOD
    text = GOOD.replace(old, new)
    if named == "not closed":
        text = text[: text.index("S: PONG")]
    with pytest.raises(BadChapter, match=named.replace("|", r"\|")):
        collect([read("10-framing", text)])


def test_every_chapter_of_the_specification_is_readable():
    catalogue = load()
    assert catalogue.chapters
    for chapter in catalogue.chapters:
        assert chapter.name == f"{chapter.number:02}-{chapter.name.split('-', 1)[1]}"
    assert {e.requirement for e in catalogue.examples} <= catalogue.requirements.keys()


def test_an_example_is_not_a_requirement():
    assert requirements.Level("OBSERVED") is Level.OBSERVED
