"""The judge of the delivery property: each way in which it must refuse."""

import pytest

from nats_conformance.expect import Mismatch
from nats_conformance.properties.arrivals import Arrivals, examples_of
from nats_spec.model import delivery as model
from nats_spec.operations import Hmsg, Msg

MESSAGE = model.Message(b"x", b"0:", b"r")
LATER = model.Message(b"x", b"1:", b"r")
COPY = Msg(b"x", b"1", b"r", b"0:")
STATUS = Hmsg(b"r", b"9", b"", b"NATS/1.0 503\r\nNats-Subject: x\r\n\r\n", b"")


def world(*subscriptions):
    made = model.connect(model.World(), "a", model.Options(no_responders=True))
    for sid, pattern, queue in subscriptions:
        made = model.subscribe(made, model.Key("a", sid), pattern, queue)
    return made


def judged(made, came, messages=(MESSAGE,)):
    arrivals = Arrivals(messages, {"a": came})
    for message in messages:
        made = arrivals.judge(made, "a", message, names_subject=True)
    arrivals.nothing_left()
    return made


PLAIN = (b"1", b"x", None)
MEMBERS = ((b"1", b"x", b"q"), (b"2", b">", b"q"))


def test_what_the_model_lets_come_is_fine():
    after = judged(world(PLAIN), [COPY])
    assert after.subscriptions[model.Key("a", b"1")].received == 1
    judged(world(*MEMBERS), [COPY])
    judged(world((b"9", b"r", None)), [STATUS])


@pytest.mark.parametrize(
    ("subscriptions", "came", "why"),
    [
        ([PLAIN], [], "missing"),
        (MEMBERS, [], "one of a group"),
        (MEMBERS, [COPY, Msg(b"x", b"2", b"r", b"0:")], "one of a group"),
        ([], [COPY], "where none belongs"),
        ([PLAIN], [COPY, COPY], "once"),
        ([PLAIN], [Msg(b"x", b"1", b"r", b"else")], "nobody published"),
        ([PLAIN], [Msg(b"x", b"1", b"", b"0:")], "another message"),
        ([(b"9", b"r", None)], [], "a status 503"),
        ([(b"9", b"r", None)], [Hmsg(b"r", b"9", b"", b"NATS/1.0 503\r\n\r\n", b"")], "another"),
        ([PLAIN], [COPY, STATUS], "nobody asked"),
    ],
)
def test_everything_else_is_not(subscriptions, came, why):
    with pytest.raises(Mismatch, match=why):
        judged(world(*subscriptions), came)


def test_order_within_a_subscription():
    late = Msg(b"x", b"1", b"r", b"1:")
    judged(world(PLAIN), [COPY, late], (MESSAGE, LATER))
    with pytest.raises(Mismatch, match="in the order"):
        judged(world(PLAIN), [late, COPY], (MESSAGE, LATER))


def test_situations_are_named():
    assert "choice in a group" in examples_of(world(*MEMBERS), "a", MESSAGE)
    assert "503" in examples_of(world((b"9", b"r", None)), "a", MESSAGE)
