"""What a soak sends and how it judges what comes back."""

import pytest

from nats_conformance import garbage
from nats_conformance.garbage import HELLO, Outcome, Violation
from nats_spec.operations import Err, Info, Msg, Ok, Pong

GREETING = Info(b"{}")
UNKNOWN = Err(b"Unknown Protocol Operation")
LINES = [b"PING\r\n", b"PNG\r\n"]


def test_a_session_is_decided_by_seed_and_number():
    sessions = [garbage.session(7, number, LINES) for number in range(200)]
    assert sessions == [garbage.session(7, number, LINES) for number in range(200)]
    assert len({session.data for session in sessions}) > 150
    assert {session.leaving for session in sessions} == set(garbage.Leaving)
    assert garbage.session(8, 0, LINES) != sessions[0]


def test_a_corpus_is_decided_by_its_seed():
    assert garbage.corpus(1, 3) == garbage.corpus(1, 3)


@pytest.mark.parametrize(
    ("sent", "came", "outcome"),
    [
        (b"PING\r\n", [Pong()], Outcome.SERVED),
        (b"PING\r\nPNG\r\n", [Pong(), UNKNOWN], Outcome.ERROR),
        (b"SUB a b c d\r\nPING\r\n", [], Outcome.SILENT),
        (b"PUB a 3\r\nabc\r\n", [], Outcome.SERVED),
        (b"PNG\r\n", [UNKNOWN, Msg(b"a", b"1", None, b"late")], Outcome.ERROR),
    ],
)
def test_right_answers(sent, came, outcome):
    assert garbage.judge(HELLO + sent, [GREETING, *came]) is outcome


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        (b"PING\r\n", []),
        (b"PING\r\n", [Pong(), Pong()]),
        (b"PING\r\n", [Pong(), UNKNOWN]),
        (b"PNG\r\n", []),
        (b"PNG\r\n", [Err(b"Maximum Payload Violation")]),
        (b"PNG\r\n", [UNKNOWN, Pong()]),
        (b"connect {}\r\n", [Err(b"Nobody has heard of this")]),
        (b"connect {}\r\nx\r\n", [UNKNOWN, Ok()]),
    ],
)
def test_wrong_answers(sent, came):
    with pytest.raises(Violation):
        garbage.judge(HELLO + sent, [GREETING, *came])


def test_what_the_model_does_not_know_is_not_held_to_it():
    for sent in (HELLO + b"CONNECT {}\r\n", b"PING\r\n", HELLO + b"PUB a\rb 1\r\nx\r\n"):
        assert not garbage.exact(sent)
