"""Reads the chapters: the only reader that there is.

A chapter is Markdown; a requirement in it is a level-3 heading `ID · LEVEL`,
then its one sentence, then a list of `- key: value`, then prose and fenced
examples, `wire` or `jetstream`; behind that word may stand `config=GROUP`, and
`whole` if each line of a `wire` example has to arrive in one piece. Rows left out stand in the table of the
section `Excluded`.

Leaves out what is computed from elsewhere: cases, faults and code (runner).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from nats_spec import dialogue, examples

if TYPE_CHECKING:
    from collections.abc import Iterable


class Level(Enum):
    """How binding a requirement is (RFC 2119), or that it only records."""

    MUST = "MUST"  #: a server that does otherwise is not NATS
    SHOULD = "SHOULD"  #: there may be a reason to do otherwise
    MAY = "MAY"  #: a server is free to, and a client must bear it
    OBSERVED = "OBSERVED"  #: what servers do; fails nobody


class BadChapter(ValueError):
    """A chapter breaks the format; says which line of which file."""


@dataclass(frozen=True, slots=True)
class Example:
    """A wire example of a requirement."""

    #: `example:FRAME-002:1`.
    id: str
    requirement: str
    #: `wire` (nats_spec.examples) or `jetstream` (nats_spec.dialogue).
    language: str
    #: The script as it is written.
    text: str
    #: The config group that it runs with.
    config: str
    #: Its first line in the chapter, from 1.
    line: int
    #: Each of its lines is to reach the server in one piece.
    whole: bool = False

    @property
    def script(self) -> examples.Script | dialogue.Dialogue:
        """The parsed conversation."""
        if self.language == "jetstream":
            return dialogue.parse(self.text, self.config)
        return examples.parse(self.text, self.config)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered sentence of the specification."""

    id: str
    level: Level
    #: The sentence itself.
    text: str
    #: The part of NATS that it belongs to: a server claims profiles.
    profile: str
    #: The release from which on it holds, e.g. `2.12`.
    since: str
    #: The first release for which it no longer holds, or None.
    until: str | None
    #: How it is known: releases measured, source, documents.
    provenance: str
    #: Who says otherwise, with evidence; None if nobody does.
    disputed: str | None
    #: What stands below the list, Markdown, examples taken out.
    prose: str
    examples: tuple[Example, ...]
    #: The chapter's file name without `.md`, e.g. `10-framing`.
    chapter: str
    #: Lines of the block in the chapter: first and one past the last, from 1.
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A fact that is no requirement here, and why."""

    id: str
    reason: str
    #: The day on which that was decided, ISO.
    dated: str
    chapter: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file of the text."""

    #: `10-framing`.
    name: str
    number: int
    title: str
    #: The whole Markdown.
    text: str
    requirements: tuple[Requirement, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All chapters, and what is in them by id."""

    chapters: tuple[Chapter, ...]
    requirements: dict[str, Requirement] = field(default_factory=dict)
    excluded: dict[str, Excluded] = field(default_factory=dict)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Every wire example, in reading order."""
        return tuple(e for r in self.requirements.values() for e in r.examples)


KEYS: Final = frozenset({"profile", "since", "until", "provenance", "disputed"})
REQUIRED_KEYS: Final = frozenset({"profile", "since", "provenance"})

_TITLE: Final = re.compile(r"# (?P<number>\d+) (?P<title>\S.*)")
_HEADING: Final = re.compile(r"### (?P<id>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{3}) · (?P<level>[A-Z]+)")
_PAIR: Final = re.compile(r"- (?P<key>[a-z]+): (?P<value>\S.*)")
_FENCE: Final = re.compile(
    r"```(?P<language>wire|jetstream)(?: +config=(?P<config>[a-z0-9-]+))?(?P<whole> +whole)?\s*"
)
#: The config group of an example that names none.
_GROUPS: Final = {"wire": "default", "jetstream": "jetstream"}
_ROW: Final = re.compile(
    r"\| *(?P<id>[A-Z][A-Z0-9-]*-\d{3}) *\| *(?P<reason>.*?) *\| *(?P<dated>\d{4}-\d\d-\d\d) *\|"
)


@cache
def load() -> Catalogue:
    """Every chapter of the specification, in order of its number."""
    folder = files("nats_spec") / "text"
    texts = {f.name.removesuffix(".md"): f.read_text(encoding="utf-8") for f in folder.iterdir()}
    return collect(read(name, text) for name, text in sorted(texts.items()))


def collect(chapters: Iterable[Chapter]) -> Catalogue:
    """The catalogue of `chapters`.

    Raises:
        BadChapter: an id is there twice.
    """
    catalogue = Catalogue(tuple(sorted(chapters, key=lambda chapter: chapter.number)))
    for chapter in catalogue.chapters:
        entries: tuple[Requirement | Excluded, ...] = (*chapter.requirements, *chapter.excluded)
        for entry in entries:
            if entry.id in catalogue.requirements or entry.id in catalogue.excluded:
                raise BadChapter(f"{chapter.name}: {entry.id} is there twice")
            if isinstance(entry, Requirement):
                catalogue.requirements[entry.id] = entry
            else:
                catalogue.excluded[entry.id] = entry
    return catalogue


def read(name: str, text: str) -> Chapter:
    """The chapter that `text` is; `name` is its file's, without `.md`.

    Raises:
        BadChapter: it breaks the format.
    """
    lines = text.splitlines()
    title = _TITLE.fullmatch(lines[0]) if lines else None
    if title is None:
        raise BadChapter(f"{name}:1: expected '# NUMBER TITLE'")
    starts = [i for i, line in enumerate(lines) if line.startswith(("# ", "## ", "### "))]
    starts = _outside_fences(lines, starts)
    found: list[Requirement] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start].startswith("### "):
            found.append(_requirement(name, lines, start, end))
    return Chapter(
        name,
        int(title["number"]),
        title["title"],
        text,
        tuple(found),
        tuple(_excluded(name, lines)),
    )


def _outside_fences(lines: list[str], candidates: list[int]) -> list[int]:
    inside = False
    fenced: set[int] = set()
    for index, line in enumerate(lines):
        if line.startswith("```"):
            inside = not inside
        elif inside:
            fenced.add(index)
    return [index for index in candidates if index not in fenced]


def _requirement(name: str, lines: list[str], start: int, end: int) -> Requirement:
    def refuse(index: int, why: str) -> BadChapter:
        return BadChapter(f"{name}:{index + 1}: {why}: {lines[index]!r}")

    heading = _HEADING.fullmatch(lines[start].rstrip())
    if heading is None or heading["level"] not in Level.__members__:
        raise refuse(start, "expected '### ID · MUST|SHOULD|MAY|OBSERVED'")
    index = start + 1
    sentence: list[str] = []
    while index < end and not lines[index].startswith("- "):
        if lines[index].strip():
            sentence.append(lines[index].strip())
        index += 1
    if not sentence:
        raise refuse(start, "a requirement without its sentence")
    pairs: dict[str, str] = {}
    while index < end and lines[index].startswith(("- ", "  ")):
        pair = _PAIR.fullmatch(lines[index].rstrip())
        if pair is not None and pair["key"] in KEYS:
            pairs[pair["key"]] = pair["value"]
        elif lines[index].startswith("  ") and pairs:
            pairs[list(pairs)[-1]] += " " + lines[index].strip()
        else:
            raise refuse(index, f"expected '- key: value' with a key of {sorted(KEYS)}")
        index += 1
    if missing := REQUIRED_KEYS - pairs.keys():
        raise refuse(start, f"missing {', '.join(sorted(missing))}")
    prose, shown = _examples(name, heading["id"], lines, index, end)
    return Requirement(
        id=heading["id"],
        level=Level[heading["level"]],
        text=" ".join(sentence),
        profile=pairs["profile"],
        since=pairs["since"],
        until=pairs.get("until"),
        provenance=pairs["provenance"],
        disputed=pairs.get("disputed"),
        prose=prose,
        examples=shown,
        chapter=name,
        lines=(start + 1, end + 1),
    )


def _examples(
    name: str, identifier: str, lines: list[str], index: int, end: int
) -> tuple[str, tuple[Example, ...]]:
    prose: list[str] = []
    shown: list[Example] = []
    while index < end:
        fence = _FENCE.fullmatch(lines[index])
        if fence is None:
            prose.append(lines[index])
            index += 1
            continue
        try:
            close = lines.index("```", index + 1, end)
        except ValueError:
            raise BadChapter(f"{name}:{index + 1}: the example is not closed") from None
        example = Example(
            id=f"example:{identifier}:{len(shown) + 1}",
            requirement=identifier,
            language=fence["language"],
            text="\n".join(lines[index + 1 : close]),
            config=fence["config"] or _GROUPS[fence["language"]],
            line=index + 2,
            whole=fence["whole"] is not None,
        )
        try:
            _ = example.script
        except examples.BadExample as error:
            raise BadChapter(f"{name}:{index + 1}: in this example, {error}") from None
        shown.append(example)
        index = close + 1
    return "\n".join(prose).strip(), tuple(shown)


def _excluded(name: str, lines: list[str]) -> list[Excluded]:
    if "## Excluded" not in lines:
        return []
    rows = [line for line in lines[lines.index("## Excluded") :] if line.startswith("|")]
    found: list[Excluded] = []
    for row in rows[2:]:
        match = _ROW.fullmatch(row.rstrip())
        if match is None or not match["reason"]:
            raise BadChapter(f"{name}: expected '| id | reason | date |', got {row!r}")
        found.append(Excluded(match["id"], match["reason"], match["dated"], name))
    return found
