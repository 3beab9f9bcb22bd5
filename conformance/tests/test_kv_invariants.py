"""Each invariant of a bucket: silent about a sound log, and alone in naming its damage."""

from dataclasses import replace

import pytest

from nats_conformance.invariants import kv as invariants
from nats_conformance.invariants import kv_bucket, kv_watch
from nats_conformance.invariants.kv import Judge, violations
from nats_conformance.invariants.kv_log import BucketView, Keys, entry
from nats_conformance.invariants.kv_rules import RULES
from nats_conformance.invariants.kv_watch import Asked, Written
from nats_conformance.invariants.stream_log import Figures, Logged, View
from nats_spec import kv
from nats_spec.kv import Kind

SECOND = 10**9
NOW = 1_700_000_000 * SECOND
CONFIG = kv.config("B", history=3, ttl=60 * SECOND, max_bytes=10_000, max_value_size=100) | {
    "storage": "memory",
    "retention": "limits",
    "max_msgs": -1,
}


def block(**fields):
    """A header block, `_` for `-`."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"NATS/1.0\r\n{lines}\r\n".encode() if lines else b""


def message(seq, key, length=1, **fields):
    return Logged(seq, NOW - 30 * SECOND + seq, f"$KV.B.{key}".encode(), block(**fields), length)


def expecting(revision):
    return {kv.EXPECTED.replace("-", "_"): revision}


PURGE = {"KV_Operation": "PURGE", "Nats_Rollup": "sub"}
MARKER = {"Nats_Marker_Reason": "MaxAge", "Nats_TTL": "5s", "Nats_Rollup": "sub"}


def sound():
    """Two keys with a history, one deleted, one purged, one expired; and gaps."""
    return [
        message(2, "a", **expecting(0)),
        message(3, "b"),
        message(5, "a", **expecting(2)),
        message(6, "c", 0, KV_Operation="DEL"),
        message(9, "d", 0, **PURGE, Nats_TTL="5s"),
        message(10, "e", 0, **MARKER),
        message(11, "a", 0, **expecting(5)),
        message(12, "f", **expecting(0), Nats_TTL="9s"),
        message(13, "c", **expecting(6)),
    ]


def figures(log):
    return Figures(
        len(log),
        500,
        log[0].seq,
        log[-1].seq,
        log[0].time,
        log[-1].time,
        0,
        len({m.subject for m in log}),
    )


def found(log, after=None, told=None, **config):
    told = told or figures(log)
    view = BucketView("B", View({**CONFIG, **config}, told, NOW))
    return [(each.requirement, each.seq) for each in violations(log, view, after)]


def test_a_sound_bucket_has_no_violation():
    assert found(sound()) == []
    judge = Judge(BucketView("B", View(CONFIG, figures(sound()), NOW)))
    assert [wrong for each in sound() for wrong in judge.see(each)] == []
    assert (len(judge.keys), judge.keys.living) == (6, 4)
    assert judge.sample == {*"abcdef"}
    assert [*judge.got("a", 11), *judge.got("e", 10), *judge.got("z", None)] == []


def changed(place, **members):
    return lambda log: [*log[:place], replace(log[place], **members), *log[place + 1 :]]


def instead(place, other):
    return lambda log: [*log[:place], other, *log[place + 1 :]]


DAMAGE = {
    "foreign subject": (changed(1, subject=b"$KV.C.b"), ("KV-INV-001", 3)),
    "odd key": (changed(1, subject=b"$KV.B.b$"), ("KV-INV-006", 3)),
    "swapped": (lambda log: [log[1], log[0], *log[2:]], ("KV-INV-008", 2)),
    "unknown operation": (instead(3, message(6, "c", 0, KV_Operation="del")), ("KV-INV-009", 6)),
    "expects the future": (instead(1, message(3, "b", **expecting(7))), ("KV-INV-013", 3)),
    "expects nothing": (instead(2, message(5, "a", **expecting(0))), ("KV-INV-013", 5)),
    "lost race": (instead(6, message(11, "a", 0, **expecting(2))), ("KV-INV-013", 11)),
    "missing link": (instead(6, message(11, "a", 0, **expecting(7))), ("KV-INV-013", 11)),
    "no number": (instead(2, message(5, "a", **expecting("x"))), ("KV-INV-013", 5)),
    "deletion with a value": (
        instead(3, message(6, "c", 1, KV_Operation="DEL")),
        ("KV-INV-015", 6),
    ),
    "purge with a value": (instead(4, message(9, "d", 1, **PURGE)), ("KV-INV-016", 9)),
    "purge without rollup": (
        instead(4, message(9, "d", 0, KV_Operation="PURGE")),
        ("KV-INV-016", 9),
    ),
    "purge of everything": (
        instead(4, message(9, "d", 0, KV_Operation="PURGE", Nats_Rollup="all")),
        ("KV-INV-016", 9),
    ),
    "purge that left some": (instead(4, message(9, "b", 0, **PURGE)), ("KV-INV-016", 9)),
    "put with a TTL": (instead(1, message(3, "b", Nats_TTL="5s")), ("KV-INV-018", 3)),
    "deletion with a TTL": (
        instead(3, message(6, "c", 0, KV_Operation="DEL", Nats_TTL="5s")),
        ("KV-INV-018", 6),
    ),
    "history too long": (lambda log: [*log, message(14, "a", 0)], ("KV-INV-019", 14)),
    "marker with a value": (instead(5, message(10, "e", 1, **MARKER)), ("KV-INV-025", 10)),
    "marker without rollup": (
        instead(5, message(10, "e", 0, Nats_Marker_Reason="MaxAge")),
        ("KV-INV-025", 10),
    ),
    "marker beside its message": (instead(5, message(10, "b", 0, **MARKER)), ("KV-INV-025", 10)),
    "unknown reason": (
        instead(5, message(10, "e", 0, Nats_Marker_Reason="Boredom", Nats_Rollup="sub")),
        ("KV-INV-025", 10),
    ),
    "too large": (changed(1, length=101), ("KV-INV-034", 3)),
    "too old": (changed(0, time=NOW - 70 * SECOND), ("JS-LIM-015", 2)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_by_one_invariant_alone(damage):
    doctor, expected = DAMAGE[damage]
    log = doctor(sound())
    told = figures(sorted(log, key=lambda each: each.seq))
    if expected[0] == "KV-INV-001":
        told = replace(told, num_subjects=told.num_subjects - 1)
    if expected == ("KV-INV-013", 5) or expected[0] == "KV-INV-008":
        # What comes later has lost what it stood on.
        assert expected in found(log, told=told)
    else:
        assert found(log, told=told) == [expected]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.requirement)
def test_without_its_invariant_damage_goes_unnoticed(rule):
    others = tuple(each for each in RULES if each is not rule)
    mine = [doctor for doctor, (name, _) in DAMAGE.values() if name == rule.requirement]
    assert mine
    for doctor in mine:
        judge = Judge(BucketView("B", View(CONFIG, figures(sound()), NOW)), others)
        assert [wrong for each in doctor(sound()) for wrong in judge.see(each)] == []


@pytest.mark.parametrize(
    ("config", "requirement"),
    [
        ({"subjects": ["$KV.B.>", "else"]}, "KV-INV-001"),
        ({"subjects": ["$KV.C.>"]}, "KV-INV-001"),
        ({"discard": "old"}, "KV-INV-002"),
        ({"retention": "interest"}, "KV-INV-002"),
        ({"allow_rollup_hdrs": False}, "KV-INV-002"),
        ({"max_msgs": 5}, "KV-INV-002"),
        ({"max_msgs_per_subject": 65}, "KV-INV-003"),
        ({"max_msgs_per_subject": -1}, "KV-INV-003"),
        ({"max_bytes": 10}, "KV-INV-033"),
    ],
)
def test_a_configuration_that_is_no_bucket_s(config, requirement):
    assert found(sound(), **config) == [(requirement, None)]


@pytest.mark.parametrize("lie", [{"messages": 8}, {"num_subjects": 5}])
def test_figures_that_lie(lie):
    assert found(sound(), told=replace(figures(sound()), **lie)) == [("KV-INV-027", None)]


def test_a_bucket_that_changes_is_not_added_up():
    after = replace(figures(sound()), messages=20, last_seq=30)
    assert found(sound(), after) == []


def test_a_get_gives_the_newest():
    judge = Judge(BucketView("B", View(CONFIG, figures(sound()), NOW)))
    for each in sound():
        judge.see(each)
    for key, revision in (("a", 5), ("a", None), ("z", 3)):
        (wrong,) = judge.got(key, revision)
        assert (wrong.requirement, wrong.key) == ("KV-INV-009", key)
    assert list(judge.got("a", 14)) == []


def test_the_keys_are_those_with_a_value():
    keys = Keys()
    entries = [entry(each, "B", keys) for each in sound()]
    assert list(kv_bucket.listed(["a", "b", "c", "f"], entries)) == []
    assert len(list(kv_bucket.listed(["a", "b", "f", "d", "a"], entries))) == 3


def test_an_expired_link_is_no_violation_where_messages_expire():
    log = instead(6, message(11, "a", 0, **expecting(7)))(sound())
    assert found(log, allow_msg_ttl=True) == []
    assert found(log, deny_delete=False) == []
    assert found(log, sources=[{"name": "KV_C"}]) == []


def test_of_many_keys_some_are_kept(monkeypatch):
    monkeypatch.setattr(invariants, "SAMPLED", 50)
    told = figures(sound())
    judge = Judge(BucketView("B", View(CONFIG, replace(told, last_seq=2000), NOW)))
    for seq in range(1, 2001):
        judge.see(message(seq, f"k{seq}"))
    assert 10 < len(judge.sample) <= 50
    assert all(judge.keys.newest(key) == int(key[1:]) for key in judge.sample)


# ---- Watching ---------------------------------------------------------------------------

THERE = [
    Written(1, "a", Kind.PUT),
    Written(2, "b.x", Kind.PUT),
    Written(3, "a", Kind.PUT),
    Written(4, "c", Kind.PUT),
    Written(5, "c", Kind.DELETE),
]
LATER = [
    Written(6, "a", Kind.PUT),
    Written(7, "b.y", Kind.PUT),
    Written(8, "c", Kind.PUT),
]
WATCHES = {
    "all": (Asked(), [2, 3, 5, None, 6, 7, 8]),
    "one": (Asked(("a",)), [3, None, 6]),
    "some": (Asked(("b.*", "c")), [2, 5, None, 7, 8]),
    "none": (Asked(("z",)), [None]),
    "history": (Asked(history=True), [1, 2, 3, 4, 5, None, 6, 7, 8]),
    "updates": (Asked(updates_only=True), [None, 6, 7, 8]),
    "no ends": (Asked(ignore_deletes=True), [2, 3, None, 6, 7, 8]),
}


@pytest.mark.parametrize("watch", WATCHES)
def test_a_sound_watch(watch):
    asked, told = WATCHES[watch]
    assert list(kv_watch.violations(asked, told, THERE, LATER)) == []


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ([2, 3, 5, 6, 7, 8], "KV-INV-023"),
        ([2, 3, 5, None, None, 6, 7, 8], "KV-INV-023"),
        ([3, 2, 5, None, 6, 7, 8], "KV-INV-023"),
        ([2, 3, None, 5, 6, 7, 8], "KV-INV-023"),
        ([2, 3, 4, 5, None, 6, 7, 8], "KV-INV-023"),
        ([2, 3, 5, None, 7, 6, 8], "KV-INV-023"),
        ([2, 3, 5, None, 6, 6, 7, 8], "KV-INV-023"),
        ([2, 3, 5, None, 6, 8], "KV-INV-023"),
    ],
)
def test_a_watch_that_is_not_sound(told, requirement):
    assert {name for name, _ in kv_watch.violations(Asked(), told, THERE, LATER)} == {requirement}


def test_options_of_a_watch_are_told_apart():
    asked = Asked(ignore_deletes=True)
    assert {
        name for name, _ in kv_watch.violations(asked, [2, 3, 5, None, 6, 7, 8], THERE, LATER)
    } == {"KV-INV-024"}
