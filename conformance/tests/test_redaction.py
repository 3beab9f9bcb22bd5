"""What lets us into a server stays with us."""

import json

import pytest

from nats_conformance.cli import main
from nats_conformance.redaction import redacted, restored, shown
from nats_conformance.results import CaseResult, TargetResult, Verdict
from nats_conformance.targets import resolve
from nats_conformance.transcript import Transcript


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("nats://me:s%2Fcret@127.0.0.1:4222", "nats://me:***@127.0.0.1:4222"),
        ("nats://me:aaaaaaaaaaaa@127.0.0.1", "nats://me:***@127.0.0.1"),
        ("nats://t0ken@127.0.0.1", "nats://***@127.0.0.1"),
        ("nats://127.0.0.1", "nats://127.0.0.1"),
        ("reference", "reference"),
    ],
)
def test_credentials_are_blotted_out(url, name):
    target = resolve(url)
    transcript = Transcript()
    secret = next((v for k, v in target.credentials.items() if k != "user"), "")
    line = json.dumps({"user": "me", "pass": secret})
    transcript.add(1, "C", f"CONNECT {line}\r\nPUB s 2\r\npw\r\n".encode())
    transcript.add(1, "S", b"+OK\r\n")
    case = CaseResult("c:one", (), Verdict.PASS, recorded=transcript)
    result = redacted(TargetResult(target.name, "", {}, [], [case]), target)
    assert shown(target) == result.name == name
    text = json.dumps(result.as_json())
    assert not secret or (secret not in text and "***" in text)
    assert "pw" in text


def test_what_was_blotted_out_is_put_back_for_a_replay():
    target = resolve("nats://me:s%22cret@127.0.0.1")
    said = b'CONNECT {"user":"me","pass": "***","lang":"***"}\r\n'
    assert restored(said, target) == b'CONNECT {"user":"me","pass": "s\\"cret","lang":"***"}\r\n'
    assert restored(said, resolve("reference")) == said


def test_a_replay_without_credentials_asks_for_them(tmp_path, capsys):
    case = {"id": "c", "requirements": [], "verdict": "FAIL", "transcript": []}
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"targets": [{"name": "nats://me:***@h", "cases": [case]}]}))
    assert main(["replay", str(file)]) == 4
    assert "--target" in capsys.readouterr().err
