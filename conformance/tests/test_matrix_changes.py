"""What counts as a change from one release to the next, and how it is told."""

import json

import pytest

from nats_conformance.matrix import changes, folder, lean, telling
from nats_conformance.matrix.outcome import holds
from nats_conformance.results import CaseResult, Outside, Results, TargetResult, Verdict
from nats_conformance.transcript import Transcript

CASE = "34_request_reply:a_503_names_the_subject_exactly"
RACE = "31_routing:nothing"


def talk(*said: bytes) -> list[dict[str, object]]:
    transcript = Transcript()
    transcript.add(1, "S", b'INFO {"port":4000} \r\n')
    transcript.add(1, "C", b"CONNECT {}\r\nPUB a b 0\r\n\r\n")
    for each in said:
        transcript.add(1, "S", each)
    transcript.note("we close", 1)
    return transcript.as_json()


def passing(*said: bytes, case: str = CASE) -> CaseResult:
    return CaseResult(case, ("REQ-002",), Verdict.PASS, recorded=talk(*said))


def outside(*said: bytes, verdict: Verdict = Verdict.FAIL) -> CaseResult:
    evidence = Outside(verdict, "something else came")
    return CaseResult(CASE, ("REQ-002",), Verdict.NA, recorded=talk(*said), outside=evidence)


def save(home, **cases: CaseResult) -> list[folder.Kept]:
    folder.prepare(home)
    for version, case in cases.items():
        name = f"nats-server@{version[1:].replace('_', '.')}"
        target = lean.lean(TargetResult(name, "", {}, [], [case]), {})
        folder.write(home, Results("0", "2026-11-26T00:00:00Z", 1.0, 1, "quick", [target], (), "m"))
    return folder.read(home)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (passing(), True),
        (outside(), False),
        (outside(verdict=Verdict.PASS), True),
        (outside(verdict=Verdict.NA), None),
        (passing().becomes(Verdict.XFAIL, "known"), False),
        (passing().becomes(Verdict.ERROR, "ours"), None),
        (passing().becomes(Verdict.NA, "does otherwise: 1"), False),
        (passing().becomes(Verdict.NA, "not claimed"), None),
    ],
)
def test_whether_a_case_holds(case, expected):
    assert holds(case) is expected


def test_a_change_shows_both_sides(tmp_path):
    old, new = b"HMSG b 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", b"HMSG b 1 33 33\r\nNATS/1.0 503\r\n"
    kept = save(tmp_path, v2_11_11=outside(old), v2_12_0=passing(new), v2_12_1=passing(new))

    (change,) = changes.between(kept)
    assert (change.before, change.after) == ("nats-server@2.11.11", "nats-server@2.12.0")
    assert change.begins
    parted = change.pairs[0].parted()
    assert "- S: HMSG b 1 16 16␍␊" in parted
    assert "+ S: HMSG b 1 33 33␍␊" in parted
    assert "  C: PUB a b 0␍␊" in parted
    text = telling.markdown([change], kept[0].name, kept[-1].name)
    assert "### REQ-002 holds from 2.12.0 on" in text
    assert "- (something else came)" in text
    assert json.loads(json.dumps(change.as_json()))["holds"] == "after"


def test_only_what_tells_releases_apart_keeps_its_transcript(tmp_path):
    save(
        tmp_path,
        v2_10_25=outside(b"old\r\n"),
        v2_11_11=outside(b"old\r\n"),
        v2_12_0=passing(b"new\r\n"),
        v2_15_1=passing(b"new\r\n"),
    )
    folder.settle(tmp_path)
    assert [bool(kept.target.cases[0].recorded) for kept in folder.read(tmp_path)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_single_release_keeps_everything(tmp_path):
    save(tmp_path, v2_15_1=passing(b"new\r\n"))
    folder.settle(tmp_path)
    (kept,) = folder.read(tmp_path)
    assert kept.target.cases[0].recorded


def test_what_differs_each_time_has_a_placeholder(tmp_path):
    said = b'MSG b 1 99\r\n{"created":"2026-11-26T03:19:10.063Z","port":4111,"at":"127.0.0.1:4111"}\r\n'
    (kept,) = save(tmp_path, v2_15_1=passing(said))
    assert '{"created":"{time}","port":{…},"at":"127.0.0.1:{port}"}' in kept.path.read_text(
        "utf-8"
    ).replace("\\", "")
    assert lean._masked("/home/me/.cache/2.11.1/nats-server: no") == "nats-server: no"
    assert "we close" not in kept.path.read_text("utf-8")


def test_races_and_unknown_cases_are_no_change(tmp_path, monkeypatch):
    kept = save(tmp_path, v2_11_11=outside(b"old\r\n"), v2_12_0=passing(b"new\r\n"))
    entry = changes.baseline.Entry((), "", "", "REQ-002", sometimes=True)
    monkeypatch.setattr(changes.baseline, "entries", lambda _server: [entry])
    assert changes.between(kept) == []
    assert "No case comes out otherwise" in telling.markdown([], kept[0].name, kept[-1].name)
