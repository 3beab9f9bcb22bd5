"""Configuration files as people have them: forms, files in files, and what must not crash."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nats_reference.config import document, loader


@pytest.fixture
def load(tmp_path):
    def write(text: str, name: str = "server.conf"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return loader.load(path)

    return write


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("listen: :7", "", 7),
        ("listen = :7", "", 7),
        ('listen: "[::1]:7"', "::1", 7),
        ("host: ::1, port: 7", "::1", 7),
        ("port:7;host:a:b", "a:b", 7),
    ],
)
def test_a_value_may_begin_with_a_colon(load, text, host, port):
    found = load(text)
    assert (found.host, found.port) == (host, port)


def test_a_block_may_begin_on_the_next_line(load):
    assert load("authorization\n{\n  user: a\n}\nport: 7").authorization.user == "a"
    assert load("port\n7").port == 7
    with pytest.raises(document.ConfigError, match=r"server.conf:2:7: "):
        load("debug\nport: 7")


def test_strings_over_lines_and_escapes(load):
    assert load('log_file: "a\nb"').log_file == "a\nb"
    assert load("log_file: 'a\nb'\nport: 7").port == 7
    assert load(r"log_file: a\tb\x41").log_file == "a\tbA"
    with pytest.raises(document.ConfigError, match=r"server.conf:2:11: only .* are escapes"):
        load('port: 7\nlog_file: "a\\qb"')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("include {}", "a block or an array has no place here"),
        ("include [a]", "a block or an array has no place here"),
        ("include server.conf", "nested too deep"),
        ("x: " + "[" * 3000 + "]" * 3000, "nested too deep"),
        ("x: " + "{a:" * 3000 + "1" + "}" * 3000, "nested too deep"),
        ("max_sub_tokens: -1", "can not be negative"),
        ("port: 99999999999999999999", "port is out of range"),
        ('ping_interval: "9999999h"', "ping_interval is out of range"),
        ('listen: "::1:7"', "listen wants host:port"),
        ("listen: 1.2.3.4:99999999999999999999999", "listen wants host:port"),
        ("authorization {permissions: {publish: [5, a]}}", "publish wants subjects"),
        ("addr: a", 'unknown field "addr"'),
        ("port: [1 ", "the file ends before"),
    ],
)
def test_what_is_refused(load, text, message):
    with pytest.raises(document.ConfigError, match=message):
        load(text)


def test_an_error_names_the_file_it_is_in(load, tmp_path):
    (tmp_path / "users.conf").write_text("users: [\n {user: a, port: 1}]", encoding="utf-8")
    (tmp_path / "broken.conf").write_text("\n}", encoding="utf-8")
    with pytest.raises(document.ConfigError, match=r"users.conf:2:12: unknown field .port."):
        load("port: 7\n\n\nauthorization { INCLUDE ./users.conf }")
    with pytest.raises(document.ConfigError, match=r"broken.conf:2:1: "):
        load("include broken.conf")
    with pytest.raises(document.ConfigError, match=r"server.conf:1:1: unknown field .x."):
        load("x: 1")


def test_variables_do_not_reach_into_an_included_file(load, tmp_path):
    (tmp_path / "more.conf").write_text("given: 8\nmax_payload: $given", encoding="utf-8")
    found = load("include more.conf\nport: $given")
    assert (found.port, found.max_payload) == (8, 8)
    (tmp_path / "more.conf").write_text("\nport: $outside", encoding="utf-8")
    with pytest.raises(document.ConfigError, match=r"more.conf:2:7: .*'outside'"):
        load("outside: 8\ninclude more.conf")


def test_a_file_is_read_without_lark(tmp_path):
    """Lark takes a tenth of a second to import; what it makes of a grammar is kept."""
    path = tmp_path / "server.conf"
    path.write_text("port: 7\nauthorization { users: [{user: a, password: b}] }\n", "utf-8")
    script = (
        "import sys; from pathlib import Path; from nats_reference.config import loader;"
        "loader.load(Path(sys.argv[1])); print('lark' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env=os.environ | {"NATS_SPEC_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]
