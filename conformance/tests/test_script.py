"""Wire scripts against the reference: what they prove, and what they must not let pass."""

import pytest

from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject, run_case
from nats_conformance.results import Verdict
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import Pool


@pytest.fixture(scope="module")
def perform():
    pool = Pool(5)
    subject = Subject(resolve("reference"), (2, 15, 1))

    def run(text, **options):
        case = Case("c", ("FRAME-001",), lambda nats: nats.script(text), **options)
        return run_case(case, subject, pool, Settings(1, patience=0.5), {})

    yield run
    pool.close()


QUIET = 'C: CONNECT {"verbose":false,"pedantic":false}␍␊\n'
BOTH = QUIET + QUIET.replace("C:", "C2:")


@pytest.mark.parametrize(
    "text",
    [
        "S: INFO {json}␍␊\nC: PING␍␊\nS: PONG␍␊",
        QUIET + "C: SUB foo 1␍␊\nC: PUB foo 2␍␊hi␍␊\nS: MSG foo 1 2␍␊\nS: hi␍␊\nS: (nothing)",
        QUIET + "S: (nothing)",
        QUIET + "C: SUB foo 1␍␊\nC: PUB foo 40␍␊{a*40}␍␊\nS: MSG {any} {int} 40␍␊{a*40}␍␊",
        "C: NONSENSE␍␊\nS: -ERR 'Unknown Protocol Operation'␍␊\nS: (closed)",
        BOTH + "C2: SUB foo 9␍␊\nC: PUB foo 2␍␊hi␍␊\nS2: MSG foo 9 2␍␊\nS2: hi␍␊",
        BOTH + "C2: SUB foo 9␍␊\nC: PUB bar 2␍␊hi␍␊\nS2: (nothing)",
        QUIET + "C: SUB foo 1␍␊\nC: PING␍␊\nC2: PUB foo 0␍␊␍␊\nS: PONG␍␊\nS: MSG foo 1 0␍␊␍␊",
        QUIET + "C: SUB foo 1␍␊PING␍␊\nC: (half-close)\nS: PONG␍␊\nS: (closed)",
    ],
)
def test_what_is_so_passes(perform, text):
    result = perform(text)
    assert result.verdict is Verdict.PASS, result.message


@pytest.mark.parametrize(
    "text",
    [
        QUIET + "C: PING␍␊\nS: PANG␍␊",
        QUIET + "C: SUB foo 1␍␊\nC: PUB foo 2␍␊hi␍␊\nS: (nothing)",
        BOTH + "C2: SUB foo 9␍␊\nC: PUB foo 2␍␊hi␍␊\nS2: (nothing)",
        "C: NONSENSE␍␊\nS: (closed)",
        QUIET + "C: PING␍␊\nS: (closed)",
        QUIET + "S: +OK␍␊",
    ],
)
def test_what_is_not_so_fails(perform, text):
    assert perform(text, deliveries=False).verdict is Verdict.FAIL


def test_words_are_renamed_alike_everywhere(perform):
    result = perform(QUIET + "C: SUB foo.bar 1␍␊\nC: PUB foo.bar 0␍␊␍␊\nS: MSG foo.bar 1 0␍␊␍␊")
    said = "\n".join(result.transcript.render())
    assert "foo" not in said
    assert result.verdict is Verdict.PASS


def test_a_mismatch_shows_the_line_as_it_stands_in_the_script(perform):
    result = perform(QUIET + "C: PING␍␊\nS: MSG {any} {int}␍␊", deliveries=False)
    assert result.expected == "MSG {any} {int}␍␊"
    assert result.got == "PONG␍␊"


def test_a_pong_that_the_script_forgets_is_our_error(perform):
    assert perform(QUIET + "C: PING␍␊\nS: (nothing)").verdict is Verdict.ERROR
