"""The nats-py snippets of the chapters and tutorials, run as they stand.

A ```python block of a chapter is a program of its own, with `js` and a server without streams;
those of a tutorial go on from one to the next, and the ```text block behind one is what it
prints, where … stands for anything. What stands before the first of them is for people.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from pathlib import Path

import nats
import pytest
from snippets import run
from streaming import SERVERS, running

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(?P<language>python|text)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
CHAPTERS = sorted((ROOT / "spec" / "nats_spec" / "text").glob("*.md"))
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))


def blocks(page):
    """Language, text and first line of each block."""
    text = page.read_text(encoding="utf-8")
    return [
        (m["language"], m["text"], text[: m.start()].count("\n") + 2) for m in BLOCK.finditer(text)
    ]


SNIPPETS = [
    pytest.param(page, line, text, id=f"{page.stem}:{line}")
    for page in CHAPTERS
    for language, text, line in blocks(page)
    if language == "python"
]


@pytest.fixture(scope="module", params=SERVERS)
def url(request, tmp_path_factory):
    with running(request.param, tmp_path_factory.mktemp("streams")) as url:
        yield url


@contextlib.asynccontextmanager
async def client(url):
    """A client of a server without streams; none is left behind."""
    connection = await nats.connect(url)
    js = connection.jetstream(timeout=20)
    try:
        yield connection, js
    finally:
        for info in await js.streams_info():
            await js.delete_stream(info.config.name)
        await connection.close()


@pytest.mark.parametrize(("page", "line", "text"), SNIPPETS)
async def test_a_chapters_snippet_does_what_it_says(url, page, line, text):
    async with client(url) as (connection, js):
        await run(page, line, text, {"js": js, "nc": connection, "nats": nats, "json": json})


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
async def test_a_tutorial_does_what_it_says(url, page):
    async with client(url) as (connection, js):
        names = {"js": js, "nc": connection, "nats": nats, "json": json, "asyncio": asyncio}
        printed = None
        for language, text, line in blocks(page):
            if language == "python":
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    await run(page, line, text, names)
                printed = out.getvalue()
            elif printed is not None:
                expected = re.escape(text).replace("…", ".*")
                assert re.fullmatch(expected, printed), f"{page.name}:{line}\n{printed}"
