"""The invariants of a stream's log: silent about a sound log, loud about each damage."""

import time
import tracemalloc
from dataclasses import replace

import pytest

from nats_conformance.invariants import stream_keys
from nats_conformance.invariants.stream import Judge, violations
from nats_conformance.invariants.stream_log import Figures, Logged, View, nanoseconds

SECOND = 10**9
NOW = nanoseconds("2026-11-25T12:00:00Z")
CONFIG = {
    "name": "S",
    "subjects": ["a.*"],
    "storage": "file",
    "discard": "old",
    "max_msgs": 5,
    "max_bytes": 10_000,
    "max_msgs_per_subject": 2,
    "max_msg_size": 100,
    "max_age": 60 * SECOND,
    "duplicate_window": 30 * SECOND,
}


def block(identifier):
    return b"NATS/1.0\r\nNats-Msg-Id: %b\r\n\r\n" % identifier


def sound():
    """Four messages of three subjects; 3 and 5 are gone."""
    return [
        Logged(2, NOW - 50 * SECOND, b"a.1", b"", 10),
        Logged(4, NOW - 40 * SECOND, b"a.2", block(b"x"), 0),
        Logged(6, NOW - 30 * SECOND, b"a.1", block(b"y"), 5),
        Logged(7, NOW - 30 * SECOND, b"a.3", b"", 0),
    ]


def figures(log):
    total = sum(30 + (4 + len(m.block) if m.block else 0) + len(m.subject) + m.length for m in log)
    first, last = log[0], log[-1]
    held = last.seq - first.seq + 1
    subjects = len({m.subject for m in log})
    return Figures(
        len(log), total, first.seq, last.seq, first.time, last.time, held - len(log), subjects
    )


def found(log, before, after=None, **config):
    view = View({**CONFIG, **config}, before, NOW)
    return list(violations(log, view, after))


def test_a_sound_log_has_no_violation():
    assert found(sound(), figures(sound())) == []


def test_an_empty_stream_is_sound_in_both_its_forms():
    empty = Figures(0, 0, 0, 0, None, None, 0, 0)
    assert found([], empty) == []
    assert found([], replace(empty, first_seq=8, last_seq=7)) == []
    assert [v.requirement for v in found([], replace(empty, first_seq=3, last_seq=7))] == [
        "JS-LIM-003"
    ]
    assert [v.requirement for v in found([], replace(empty, num_bytes=1))] == [
        "JS-LIM-003",
        "JS-LIM-005",
    ]


DAMAGED_LOGS = {
    "swapped": (lambda log: [log[0], log[2], log[1], log[3]], "JS-PUB-004", 4),
    "twice": (lambda log: [*log, log[3]], "JS-PUB-004", 7),
    "time back": (
        lambda log: [*log[:3], replace(log[3], time=log[3].time - 1)],
        "JS-PUB-005",
        7,
    ),
    "lost": (lambda log: [log[0], *log[2:]], "JS-LIM-002", None),
    "phantom in front": (lambda log: [replace(log[0], seq=1), *log], "JS-LIM-004", 1),
    "phantom behind": (lambda log: [*log, replace(log[3], seq=9)], "JS-LIM-004", 9),
    "first lost": (lambda log: log[1:], "JS-LIM-004", 4),
    "a byte more": (lambda log: [replace(log[0], length=11), *log[1:]], "JS-LIM-005", None),
    "a block more": (
        lambda log: [replace(log[0], block=block(b"z")), *log[1:]],
        "JS-LIM-005",
        None,
    ),
    "a subject more": (lambda log: [replace(log[0], subject=b"a.9"), *log[1:]], "JS-LIM-006", None),
    "too many of one": (
        lambda log: [*log[:3], replace(log[3], subject=b"a.1")],
        "JS-LIM-008",
        7,
    ),
    "too old": (
        lambda log: [replace(log[0], time=NOW - 70 * SECOND), *log[1:]],
        "JS-LIM-015",
        2,
    ),
    "too large": (lambda log: [*log[:3], replace(log[3], length=101)], "JS-PUB-024", 7),
    "not heard": (lambda log: [*log[:3], replace(log[3], subject=b"b")], "JS-PUB-033", 7),
    "duplicate": (
        lambda log: [*log[:2], replace(log[2], block=block(b"x")), log[3]],
        "JS-PUB-017",
        6,
    ),
}


@pytest.mark.parametrize("damage", DAMAGED_LOGS)
def test_a_damaged_log_is_noticed_and_located(damage):
    doctor, requirement, seq = DAMAGED_LOGS[damage]
    wrong = found(doctor(sound()), figures(sound()))
    assert (requirement, seq) in {(v.requirement, v.seq) for v in wrong}, wrong


@pytest.mark.parametrize(
    ("lie", "requirement"),
    [
        ({"messages": 5}, "JS-LIM-002"),
        ({"num_deleted": 1}, "JS-LIM-002"),
        ({"num_bytes": 1}, "JS-LIM-005"),
        ({"first_seq": 1}, "JS-LIM-002"),
        ({"first_time": 1}, "JS-LIM-004"),
        ({"last_seq": 6}, "JS-LIM-004"),
        ({"last_time": 1}, "JS-LIM-004"),
        ({"num_subjects": 4}, "JS-LIM-006"),
    ],
)
def test_a_state_that_lies_is_noticed(lie, requirement):
    wrong = found(sound(), replace(figures(sound()), **lie))
    assert requirement in {v.requirement for v in wrong}, wrong


@pytest.mark.parametrize(
    ("config", "requirement", "remark"),
    [
        ({"max_msgs": 3}, "JS-LIM-009", False),
        ({"max_bytes": 99}, "JS-LIM-009", False),
        ({"max_msgs": 3, "discard": "new"}, "JS-LIM-011", True),
        ({"max_msgs_per_subject": 1}, "JS-LIM-008", False),
        ({"max_age": 20 * SECOND}, "JS-LIM-015", False),
        ({"max_msg_size": 9}, "JS-PUB-024", True),
        ({"subjects": ["b"]}, "JS-PUB-033", True),
        ({"storage": "memory"}, "JS-LIM-005", False),
    ],
)
def test_a_configuration_that_does_not_fit_is_noticed(config, requirement, remark):
    wrong = found(sound(), figures(sound()), **config)
    assert {(v.requirement, v.remark) for v in wrong} == {(requirement, remark)}


def test_an_id_may_come_again_after_the_window():
    log = sound()
    log[2] = replace(log[2], block=block(b"x"))
    assert found(log, figures(log), duplicate_window=10 * SECOND) == []


def test_what_comes_from_other_streams_has_its_own_times_and_subjects():
    log = sound()
    log[3] = replace(log[3], time=log[3].time - 1, subject=b"b")
    assert found(log, figures(log), mirror={"name": "T"}, subjects=None) == []


def test_of_a_stream_that_moved_only_messages_are_judged():
    log = sound()
    after = replace(figures(log), messages=3, num_deleted=3)
    judge = Judge(View(CONFIG, figures(log), NOW))
    assert [wrong for message in log[1:] for wrong in judge.see(message)] == []
    assert list(judge.end(after)) == []
    assert "changed" in judge.given_up[0]
    back = replace(after, last_seq=5)
    assert "JS-LIM-001" in {v.requirement for v in found(log, figures(log), back)}


def test_beyond_so_many_keys_a_rule_gives_up_and_says_so(monkeypatch):
    monkeypatch.setattr(stream_keys, "MOST", 2)
    log = [replace(m, block=block(b"%d" % m.seq)) for m in sound()]
    judge = Judge(View(CONFIG, figures(log), NOW))
    assert [wrong for message in log for wrong in judge.see(message)] == []
    assert list(judge.end(figures(log))) == []
    assert [said.split(":")[0] for said in judge.given_up] == [
        "more than 2 subjects",
        "more than 2 message ids within the window",
    ]


def test_memory_does_not_grow_with_the_log():
    def endless(count):
        for seq in range(1, count + 1):
            yield Logged(seq, NOW - SECOND, b"a.%d" % (seq % 2), b"", 10)

    def peak(count):
        first, last = next(endless(1)), Logged(count, NOW - SECOND, b"a.0", b"", 10)
        told = replace(figures([first, last]), messages=count, num_bytes=43 * count, num_deleted=0)
        config = {**CONFIG, "max_msgs": -1, "max_bytes": -1, "max_msgs_per_subject": -1}
        tracemalloc.start()
        began = time.monotonic()
        assert list(violations(endless(count), View(config, told, NOW))) == []
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert time.monotonic() - began < 60
        return taken

    assert peak(20_000) < peak(2_000) + 100_000


def test_times_are_read_to_the_nanosecond():
    assert nanoseconds("1970-01-01T00:00:01Z") == SECOND
    assert nanoseconds("2026-11-25T21:02:08.1234Z") % SECOND == 123_400_000
    with pytest.raises(ValueError, match="UTC"):
        nanoseconds("2026-11-25T21:02:08+01:00")
