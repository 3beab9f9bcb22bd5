"""The command line: flags as Go reads them, and what is done instead of serving."""

from __future__ import annotations

import json
import os
import signal

import pytest

from nats_reference import cli, faults, flags
from nats_reference.faults import Patch


@pytest.mark.parametrize(
    "words", [["-p", "7"], ["--port", "7"], ["-port=7"], ["--p=7"], ["-p", "1", "-p", "7"]]
)
def test_values(words):
    assert flags.parse(words).overrides == {"port": 7}


@pytest.mark.parametrize(
    ("words", "overrides"),
    [
        (["-DV"], {"debug": True, "trace": True}),
        (["-T=false"], {"logtime": False}),
        (["-a", "h", "-m", "-1", "-n", "x"], {"host": "h", "http_port": -1, "server_name": "x"}),
        (["--ports_file_dir", "d", "-P", "f"], {"ports_file_dir": "d", "pid_file": "f"}),
    ],
)
def test_options(words, overrides):
    assert flags.parse(words).overrides == overrides


def test_credentials_and_faults():
    found = flags.parse(["--user", "a", "--pass", "b", "--fault", "X", "--fault", "Y"])
    assert found.credentials == {"user": "a", "password": "b"}
    assert flags.faults(["--user", "a", "--fault", "X", "-D", "--fault", "Y"]) == ["X", "Y"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--tls=true"], "not supported by the reference: flag -tls"),
        (["what"], 'unrecognized command: "what"'),
        (["-p"], "flag needs an argument: -p"),
        (["-p", "x"], 'invalid value "x" for flag -p'),
        (["-D=maybe"], 'invalid boolean value "maybe" for -D'),
        (["-t"], "must specify [-c, --config] option"),
        (["-c", "/nowhere/x.conf"], "No such file"),
        (["--fault", "NONE-1"], "no fault named 'NONE-1'"),
        (["-n", "a b"], "spaces"),
        (["-sl", "nope=1"], 'unknown signal "nope"'),
        (["-sl", "ldm"], "which process?"),
        (["-sl", "ldm=/nowhere/pid"], "invalid pid: /nowhere/pid"),
    ],
)
def test_what_is_refused(words, text, capsys):
    assert cli.main(words) == 1
    said = capsys.readouterr()
    assert said.err.startswith("nats-reference: ")
    assert text in said.err


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["help"]])
def test_help(words, capsys):
    assert cli.main(words) == 0
    assert "Usage: nats-reference" in capsys.readouterr().out


def test_an_unknown_flag_shows_the_usage(capsys):
    assert cli.main(["--nope"]) == 0
    said = capsys.readouterr()
    assert "not defined: -nope" in said.err
    assert "Usage" in said.out


@pytest.mark.parametrize("words", [["-v"], ["--version"], ["version"]])
def test_version(words, capsys):
    assert cli.main(words) == 0
    assert capsys.readouterr().out == "nats-reference: v2.15.1\n"


def test_a_good_file(tmp_path, capsys):
    path = tmp_path / "a.conf"
    path.write_text("port: 7", encoding="utf-8")
    assert cli.main(["-t", "-c", str(path)]) == 0
    assert "is valid" in capsys.readouterr().err
    path.write_text("tls {}", encoding="utf-8")
    assert cli.main(["-t", "-c", str(path)]) == 1
    assert "a.conf:1:1: not supported by the reference: 'tls'" in capsys.readouterr().err


def test_flags_override_the_file(tmp_path):
    path = tmp_path / "a.conf"
    path.write_text("port: 7\nmax_payload: 8\nauthorization {token: a}", encoding="utf-8")
    found = cli.configure(flags.parse(["-c", str(path), "-p", "9", "--auth", "b"]))
    assert (found.port, found.max_payload, found.authorization.token) == (9, 8, "b")
    path.write_text("authorization {user: a, password: b, timeout: 7}", encoding="utf-8")
    found = cli.configure(flags.parse(["-c", str(path), "--user", "c"]))
    assert (found.authorization.user, found.authorization.password) == ("c", "b")
    assert found.authorization.timeout == 7


def test_signals_are_sent(tmp_path, monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda *args: sent.append(args))
    file = tmp_path / "pid"
    file.write_text("77\n", encoding="utf-8")
    assert cli.main(["-sl", "ldm=55"]) == 0
    assert cli.main(["--signal", f"reload={file}"]) == 0
    assert sent == [(55, signal.SIGUSR2), (77, signal.SIGHUP)]


# ---- Faults ------------------------------------------------------------------


def test_the_list_of_faults(capsys):
    assert cli.main(["--list-faults"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"id": "FRAME-001", "text": "PING is known in upper case only"} in found


@pytest.mark.parametrize("name", sorted(faults.load()))
def test_every_fault_can_be_installed_and_undone(fault, name):
    fault(name)
    assert faults.FAULTS[name].requirement == name.split("/")[0]


def test_two_faults_of_one_name():
    with pytest.raises(ValueError, match="two faults are named FRAME-001"):
        faults.fault("FRAME-001", "again")(lambda _: None)


def test_patches():
    patch = Patch()
    path = "nats_reference.limits:STALL_SECONDS"
    before = patch.original(path)
    patch.attribute(path, 1)
    patch.attribute(path, 2)
    assert patch.original(path) == before
    patch.undo()
    assert patch.original(path) == before
    with pytest.raises(AttributeError, match=r"there is no nats_reference\.limits:NOPE"):
        patch.attribute("nats_reference.limits:NOPE", 1)
    with pytest.raises(ValueError, match="no 'nope'"):
        patch.grammar("client", "nope", "")
