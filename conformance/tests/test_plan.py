"""In which order jobs are begun, and which together."""

import random

from nats_conformance.cases import Case
from nats_conformance.engine import Settings, Subject
from nats_conformance.plan import plan
from nats_conformance.targets.target import Target

KINDS = [
    {"waits": True},
    {"generated": True, "private": True},
    {"private": True},
    {"config": "jetstream"},
    {"config": "monitoring"},
    {},
]
CASES = [
    Case(f"{n}", ("FRAME-001",), print, **KINDS[n % len(KINDS)])
    for n in random.Random(1).sample(range(240), 240)
]
SUBJECTS = [Subject(Target(name), (2, 15, 1)) for name in ("one", "two")]
PLAN = plan(CASES, SUBJECTS, Settings(1), {})


def jobs(unit):
    return [PLAN.jobs[place] for place in unit.places]


def test_every_case_meets_every_target_once():
    places = [place for unit in PLAN.units() for place in unit.places]
    assert sorted(places) == list(range(len(CASES) * 2))
    pairs = {(job.case.id, job.subject.target.name) for job in PLAN.jobs}
    assert len(pairs) == len(CASES) * 2


def test_each_is_compared_with_the_other():
    assert {(job.subject.target.name, job.subject.rival.target.name) for job in PLAN.jobs} == {
        ("one", "two"),
        ("two", "one"),
    }
    (alone,) = plan(CASES[:1], SUBJECTS[:1], Settings(1), {}).jobs
    assert alone.subject.rival is None


def test_target_by_target_and_what_is_generated_last():
    order = [(unit.phase, jobs(unit)) for unit in PLAN.units()]
    phases = [phase for phase, _ in order]
    assert phases == sorted(phases)
    for phase, done in order:
        assert all(job.case.generated for job in done) == (phase == 2)
        if phase < 2:
            assert {job.subject.target.name for job in done} == {SUBJECTS[phase].target.name}


def test_what_waits_is_begun_first_and_all_at_once():
    first = {}
    for unit in PLAN.units():
        assert unit.waits == all(job.case.waits for job in jobs(unit))
        assert unit.waits == any(job.case.waits for job in jobs(unit))
        first.setdefault(unit.phase, unit)
    assert [first[phase].waits for phase in (0, 1, 2)] == [True, True, False]
    assert sum(unit.waits for unit in PLAN.units()) == 2


def test_what_shares_a_server_stays_together_and_what_takes_long_alone():
    for unit in PLAN.units():
        done = jobs(unit)
        assert len({(job.case.config, job.subject.target.name) for job in done}) == 1
        if any(job.case.private or job.case.generated for job in done):
            assert len(done) == 1
        elif not unit.waits:
            assert len(done) <= (8 if done[0].case.config == "default" else 24)
