"""Every command that README and the guides show is run, in the order of its page.

Long ones are narrowed: a run without `--select` gets one, and a release that would have to be
fetched is replaced by the installed server. `# exit N` behind a command is its exit status.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nats_conformance.targets.program import nats_server

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```sh\n(?P<commands>.*?)^```", re.MULTILINE | re.DOTALL)
_TOML = re.compile(r"^```toml\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_CONF = re.compile(r"^```conf\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"  # exit (?P<status>\d)$")
_VERBS = {"run", "list", "explain", "report", "replay", "matrix", "selftest", "bench"}

#: What makes a shown command quick; the rest of it stays as it is shown.
NARROWED = {
    "nats-server@2.11.11": "nats-server",
    "nats-server@2.12.8": "nats-server",
    "publish-*": "publish-16B",
    "FRAME-*": "FRAME-002",
    "HDR-*": "HDR-001",
    "JS-DIRECT-*": "JS-DIRECT-010",
    "MON-*": "MON-GEN-003",
    "QUEUE-*": "QUEUE-001",
}
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def commands(page: Path) -> list[str]:
    blocks = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block["commands"].splitlines() if line.strip()]


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, str]]:
    """The ports of a server that stands for the one on port 4222, monitored on 8222."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monitor = listener.getsockname()[1]
    with _reference("-m", str(monitor)) as port:
        yield {":4222": f":{port}", ":8222": f":{monitor}"}


@contextmanager
def _reference(*flags: str, folder: Path | None = None) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "nats_reference", *flags, "-a", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder) as server:
        try:
            _await_info(port)
            yield port
        finally:
            server.terminate()


def _await_info(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                assert connection.recv(5) == b"INFO "
                return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.name) for page in PAGES if commands(page)]
)
def test_commands_do_what_the_page_says(
    page: Path, running: dict[str, str], tmp_path: Path
) -> None:
    for number, block in enumerate(_TOML.finditer(page.read_text(encoding="utf-8"))):
        (tmp_path / ("known.toml" if number == 0 else f"{number}.toml")).write_text(block["text"])
    for block in _CONF.finditer(page.read_text(encoding="utf-8")):
        (tmp_path / "server.conf").write_text(block["text"])
    for command in commands(page):
        _run(command, running, tmp_path)


def _run(command: str, ports: dict[str, str], folder: Path) -> None:
    shown = _EXIT.search(command)
    expected = int(shown["status"]) if shown else 0
    words = shlex.split(command, comments=True)
    match words:
        case [".", ".venv/bin/activate"]:
            return
        case ["make", target]:
            words = ["make", "--dry-run", "--directory", str(ROOT), target]
        case ["nats-reference", *flags, "-a", "127.0.0.1", "-p", "4222"]:
            with _reference(*flags, folder=folder):
                return
        case ["nats-reference", *_]:
            pass
        case ["nats-conformance", *rest]:
            words = ["nats-conformance", *_narrowed(rest, ports)]
        case _:
            pytest.fail(f"the test doesn't know how to run {command!r}")
    environment = ENVIRONMENT | _releases(folder)
    assert shutil.which(words[0], path=ENVIRONMENT["PATH"]), f"{words[0]} is not installed"
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr


def _releases(folder: Path) -> dict[str, str]:
    """A cache in which the installed nats-server stands for the releases that a page names."""
    for version in ("2.12.8", "2.15.1"):
        home = folder / "cache" / "nats-spec" / "servers" / version
        home.mkdir(parents=True, exist_ok=True)
        program = home / "nats-server"
        if not program.exists():
            program.symlink_to(nats_server())
    return {"XDG_CACHE_HOME": str(folder / "cache")}


def _narrowed(words: list[str], ports: dict[str, str]) -> list[str]:
    narrowed = [NARROWED.get(word, word) for word in words]
    for shown, port in ports.items():
        narrowed = [word.replace(shown, port) for word in narrowed]
    if narrowed[0] in _VERBS - {"run"} or "--select" in narrowed:
        return narrowed
    return [*narrowed, "--select", "FRAME-002", "--budget", "quick"]
