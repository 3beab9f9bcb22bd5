"""Every Python example of a chapter or a tutorial does what it says, with nats-py, on both servers.

Each has `nc` and `js`, connected, and a server that holds nothing yet.
"""

import ast
import inspect
import re
from importlib.resources import files
from pathlib import Path

import nats
import pytest

from nats_conformance.targets import resolve
from nats_conformance.targets.pool import start

_BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


def pages():
    yield from (page for page in files("nats_spec").joinpath("text").iterdir())
    yield from (Path(__file__).parents[2] / "docs" / "tutorials").glob("*.md")


def examples():
    for page in sorted(pages(), key=lambda each: each.name):
        text = page.read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            yield pytest.param(block["code"], id=f"{page.name}:{line}")


@pytest.fixture(scope="module", params=["reference", "nats-server"])
def url(request):
    instance = start(resolve(request.param), "jetstream", patience=10)
    yield f"nats://{instance.address[0]}:{instance.address[1]}"
    instance.stop()


@pytest.mark.parametrize("code", list(examples()))
async def test_an_example_does_what_it_says(code, url):
    nc = await nats.connect(url)
    js = nc.jetstream()
    try:
        compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        done = eval(compiled, {"nc": nc, "js": js})  # noqa: S307 - what our own pages show
        if inspect.isawaitable(done):
            await done
    finally:
        for stream in await js.streams_info():
            await js.delete_stream(stream.config.name)
        await nc.close()
