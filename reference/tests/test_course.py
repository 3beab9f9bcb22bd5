"""The course, run as it stands: what its pages print, and what they say goes over the wire.

Every page runs in the server inside the process; those that don't move its clock or restart it
run with nats-server too.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import lessons
import nats
import pytest
from snippets import run
from streaming import running

from nats_reference.testing import ReferenceServer

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "learn").glob("*.md"))
COURSE = [page for page in PAGES if any(b.language == "python" for b in lessons.blocks(page))]
#: What only the server inside the process can do.
OWN = re.compile(r"\bserver\.(?!url\b)\w+")


def runs_anywhere(page):
    return not any(OWN.search(b.text) for b in lessons.blocks(page) if b.language == "python")


@contextlib.asynccontextmanager
async def lesson(server, shows_the_wire):
    """The names that a page has from the start, and what is said on the wire."""
    async with lessons.recording(server.url) as recorder:
        seen = SimpleNamespace(url=recorder.url if shows_the_wire else server.url)
        for name in ("clock", "restart", "streams"):
            if isinstance(server, ReferenceServer):
                setattr(seen, name, getattr(server, name))
        client = await nats.connect(seen.url)
        names = {"nats": nats, "asyncio": asyncio, "json": json, "server": seen, "nc": client}
        try:
            yield names, recorder
        finally:
            for each in list(names.values()):
                if isinstance(each, nats.aio.client.Client) and not each.is_closed:
                    await each.close()


async def settle(names):
    """Have everything said that is on its way; `nc` first, others hear of it."""
    clients = [each for each in names.values() if isinstance(each, nats.aio.client.Client)]
    for client in dict.fromkeys([names["nc"], *clients]):
        if client.is_connected:
            await client.flush()


async def learn(page, server):
    parts = lessons.blocks(page)
    wire = any(block.language == "wire" for block in parts)
    async with asyncio.timeout(60), lesson(server, wire) as (names, recorder):
        printed = ""
        for block in parts:
            if block.language == "python":
                recorder.forget()
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    await run(page, block.line, block.text, names)
                    await settle(names)
                printed = out.getvalue()
            elif block.language == "wire":
                wrong = lessons.differences(block.text, recorder.said())
                assert not wrong, f"{page.name}:{block.line}\n" + "\n".join(wrong)
            elif printed:
                expected = re.escape(block.text).replace("…", ".*")
                assert re.fullmatch(expected, printed), f"{page.name}:{block.line}\n{printed}"


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
async def test_a_page_does_what_it_says(page):
    async with ReferenceServer() as server:
        await learn(page, server)


@pytest.mark.parametrize(
    "page", [page for page in COURSE if runs_anywhere(page)], ids=lambda page: page.stem
)
async def test_a_page_does_what_it_says_with_nats_server(page, tmp_path):
    with running("nats-server", tmp_path) as url:
        await learn(page, SimpleNamespace(url=url))


def test_what_was_not_said_is_noticed():
    said = [(1, "C: PUB a 1␍␊"), (1, "C: x␍␊"), (2, "S: PONG␍␊")]

    assert not lessons.differences("C: PUB a …␍␊\nC: …\n", said)
    assert lessons.differences("C: PUB b 1␍␊\nC: x␍␊\n", said)
    assert lessons.differences("C: PUB a 1␍␊\n", said)
    assert lessons.differences("S2: PONG␍␊\nS2: PONG␍␊\n", said)
    assert lessons.differences("what is this\n", said)
