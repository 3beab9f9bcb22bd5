"""What lets us into a server stays with us."""

import json

import pytest

from nats_conformance.redaction import redacted, shown
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
