"""What a case's end means: the verdicts, one by one."""

import socket

import pytest

from nats_conformance.cases import Case, NotApplicable, Untestable
from nats_conformance.engine import Settings, Subject, applies, run_case
from nats_conformance.expect import Mismatch
from nats_conformance.results import Verdict
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import Pool
from nats_spec.requirements import Level, Requirement


def requirement(identifier, level=Level.MUST, since="2.0", until=None):
    return Requirement(
        identifier, level, "It does.", "core", since, until, "p", None, "", (), "10-x", (1, 2)
    )


KNOWN = {
    each.id: each
    for each in (
        requirement("NOW-001"),
        requirement("MAY-001", Level.MAY),
        requirement("LATER-001", since="3.1"),
        requirement("ONCE-001", until="2.12"),
    )
}


@pytest.fixture
def judge(miniature, greeting):
    """The result of a case against a server that greets and listens."""

    def server(client: socket.socket) -> None:
        client.sendall(greeting)
        with client.makefile("rb") as reader:
            reader.read()

    def run(function, *ids, **options):
        case = Case("c", ids or ("NOW-001",), function, **({"deliveries": False} | options))
        subject = Subject(resolve(miniature(server).url), (2, 15, 1))
        return run_case(case, subject, Pool(0.2), Settings(1, patience=0.2), KNOWN)

    return run


def raises(error):
    def function(_nats):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Mismatch("other"), Verdict.FAIL),
        (AssertionError("other"), Verdict.FAIL),
        (NotApplicable("why"), Verdict.NA),
        (Untestable("why"), Verdict.UNTESTABLE),
        (KeyError("ours"), Verdict.ERROR),
    ],
)
def test_each_end_has_its_verdict(judge, error, verdict):
    assert judge(raises(error)).verdict is verdict


def test_a_pass(judge):
    result = judge(lambda nats: nats.connect().close())
    assert result.verdict is Verdict.PASS
    assert result.transcript.received(1).startswith(b"INFO {")


def test_a_failure_tells_expected_and_got(judge):
    result = judge(lambda nats: nats.connect().expect("PONG\r\n"))
    assert (result.verdict, result.expected, result.got) == (Verdict.FAIL, "PONG␍␊", "nothing")
    assert "no progress after 0.2 s" in result.message


def test_an_assert_without_a_message_tells_its_line(judge):
    def function(nats):
        assert nats.info["version"] == "1"

    assert "== '1'" in judge(function).message


def test_an_error_of_ours_tells_where(judge):
    result = judge(lambda _nats: {}["x"])
    assert result.message.startswith("KeyError: 'x' (test_engine.py:")


@pytest.mark.parametrize(
    ("ids", "verdict"),
    [
        (("LATER-001",), Verdict.NA),
        (("ONCE-001",), Verdict.NA),
        (("LATER-001", "NOW-001"), Verdict.FAIL),
        (("MAY-001",), Verdict.NA),
        (("MAY-001", "NOW-001"), Verdict.FAIL),
    ],
)
def test_what_is_at_stake_decides(judge, ids, verdict):
    assert judge(raises(Mismatch("other")), *ids).verdict is verdict


def test_releases():
    assert applies(requirement("A-001", since="2.12"), (2, 12, 0))
    assert not applies(requirement("A-001", since="2.12"), (2, 11, 9))
    assert applies(requirement("A-001", until="2.12"), (2, 11, 9))
    assert not applies(requirement("A-001", until="2.12"), (2, 12, 0))


def test_three_deliveries_stop_at_the_first_that_fails(judge):
    seen = []

    def function(nats):
        seen.append(nats.exchange.delivery.value)
        if len(seen) == 2:
            raise Mismatch("other")

    result = judge(function, deliveries=True)
    assert seen == ["whole", "byte by byte"]
    assert result.delivery == "byte by byte"
    assert result.message == "other (delivered byte by byte)"


def test_the_same_seed_gives_the_same_names(judge):
    names = []
    for _ in range(2):
        judge(lambda nats: names.append(nats.name("foo")))
    assert names[0] == names[1]
    assert names[0].startswith("foo")


def test_of_a_property_the_last_example_is_shown(judge):
    def function(nats):
        for number in range(3):
            with nats.example() as part:
                part.connect().send(f"{number}\r\n")
                if number == 2:
                    raise Mismatch("other")

    result = judge(function)
    assert result.examples == 3
    assert "C: 2␍␊" in result.transcript.render()
    assert "C: 1␍␊" not in result.transcript.render()


def test_credentials_that_a_case_does_not_send_are_not_claimed(miniature, greeting):
    def refuse(client):
        client.sendall(greeting)
        client.recv(100)
        client.sendall(b"-ERR 'Authorization Violation'\r\n")

    url = miniature(refuse).url.replace("nats://", "nats://u:p@")
    case = Case("c", ("NOW-001",), lambda nats: nats.connect().barrier(), deliveries=False)
    subject = Subject(resolve(url), (2, 15, 1))
    result = run_case(case, subject, Pool(1), Settings(1, patience=1), KNOWN)
    assert result.verdict is Verdict.NA


def test_a_server_that_dies_fails_the_case():
    def function(nats):
        nats.server.running.process.kill()
        nats.server.running.process.wait()

    pool = Pool(5)
    case = Case("c", ("NOW-001",), function, deliveries=False)
    subject = Subject(resolve("reference"), (2, 15, 1))
    try:
        result = run_case(case, subject, pool, Settings(1), KNOWN)
        assert result.verdict is Verdict.FAIL
        assert "ended with status -9" in result.message
        again = Case("d", ("NOW-001",), lambda nats: nats.client().close(), deliveries=False)
        assert run_case(again, subject, pool, Settings(1), KNOWN).verdict is Verdict.PASS
    finally:
        pool.close()
