"""The site in headless Chromium: axe-core finds nothing serious, no page asks another host for anything.

A server of the test adds axe to each page, which writes what it found where Chromium's dump shows it.
"""

import functools
import html
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
PAGES = (
    "",
    "learn/consumers/",
    "spec/32-queue-groups/",
    "grammar/client/",
    "evidence/benchmarks/",
    "api/testing/",
    "source/nats_reference/clock.py.html",
)
#: Width, and the scheme of Material.
SCREENS = ((1200, "default"), (390, "slate"))
#: What the theme remembers of the reader's choice.
_CHOICE = """<head><script>localStorage["/.__palette"] = JSON.stringify({
  index: "SCHEME" === "slate" ? 1 : 0,
  color: { scheme: "SCHEME", primary: "custom", accent: "teal" } });
</script><style>* { transition: none !important; }</style>"""
_PROBE = """<script src="/axe.min.js"></script><script>
addEventListener("load", () => setTimeout(async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = JSON.stringify(found.violations.map((each) => [
    each.impact, each.id, each.nodes.map((node) => node.html.slice(0, 200))]));
  document.body.append(pre);
}, 500));
</script></body>"""

#: Searches the kill matrix, and says how many rows are left.
_SEARCH = """<script>
addEventListener("load", () => {
  const form = document.querySelector("form[data-table]");
  const said = [form.hidden, form.querySelector("output").textContent];
  for (const words of ["JS-RST-001", "js-rst nothing-like-it", ""]) {
    form.elements.text.value = words;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    said.push([...document.querySelectorAll("#kills tbody tr")].filter((row) => row.checkVisibility()).length);
  }
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = JSON.stringify(said);
  document.body.append(pre);
});
</script></body>"""


class Probing(http.server.SimpleHTTPRequestHandler):
    """Pages with axe in them, in the scheme that the query names."""

    axe = b""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """A file, or axe, or a page with the probe."""
        path, _, scheme = self.path.partition("?")
        file = Path(self.translate_path(path))
        file = file / "index.html" if file.is_dir() else file
        if path == "/axe.min.js":
            self._say("text/javascript", self.axe)
        elif scheme and file.suffix == ".html":
            probe = _SEARCH if scheme == "search" else _PROBE
            text = file.read_text("utf-8").replace("</body>", probe)
            text = text.replace("<head>", _CHOICE.replace("SCHEME", scheme), 1)
            self._say("text/html; charset=utf-8", text.encode())
        else:
            super().do_GET()

    def _say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def served(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    npm = shutil.which("npm")
    if CHROMIUM is None or npm is None:
        pytest.skip("2026-11-26: needs Chromium and npm, which are not here")
    folder = tmp_path_factory.mktemp("axe")
    (folder / "package.json").write_text('{"private": true}')
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run([*install, "axe-core@4.10.3"], cwd=folder, check=True)
    Probing.axe = (folder / "node_modules" / "axe-core" / "axe.min.js").read_bytes()
    handler = functools.partial(Probing, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def found(url: str, width: int, folder: Path) -> list[Any]:
    command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={folder}", f"--window-size={width},900"]
    command += ["--virtual-time-budget=20000", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    said = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said, done.stderr[-2000:]
    told: list[Any] = json.loads(html.unescape(said[1]))
    return told


def test_the_kill_matrix_can_be_searched(served: str, tmp_path: Path) -> None:
    hidden, told, one, none, every = found(f"{served}evidence/kills/?search", 1200, tmp_path)

    assert not hidden
    assert told == f"{every} of {every}"
    assert 0 < one < 10 < every
    assert none == 0


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing_serious(
    served: str, name: str, width: int, scheme: str, tmp_path: Path
) -> None:
    violations = found(f"{served}{name}?{scheme}", width, tmp_path)

    assert not [each for each in violations if each[0] in {"serious", "critical"}]


def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    asks = re.compile(
        r'<(?:script|img|iframe|source)[^>]*\ssrc="(?:https?:)?//|<link[^>]*\shref="https?://'
    )
    loud = [
        file.relative_to(site).as_posix()
        for file in site.rglob("*.html")
        if asks.search(file.read_text("utf-8"))
    ]

    assert not loud
