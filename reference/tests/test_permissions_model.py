"""The reference's lists, with their trees and what they remember, against the model's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nats_reference.auth import permissions
from nats_reference.auth.permissions import PermissionRules, Rule
from nats_reference.auth.responses import ResponseRule, Responses
from nats_reference.clock import VirtualClock
from nats_spec import strategies
from nats_spec.model import permissions as model

patterns = st.sampled_from((b">", b"*", b"a", b"a.*", b"*.b", b"a.>")) | strategies.patterns(3)
queues = st.sampled_from((None, b"q", b"q.x", b"q.*", b"*"))
entries = st.lists(st.builds(model.Entry, patterns, queues), max_size=4).map(tuple)
plain = st.lists(st.builds(model.Entry, patterns), max_size=4).map(tuple)
some = entries.filter(bool)
granted = st.builds(
    model.Permissions,
    st.builds(model.Lists, st.none() | plain.filter(bool), plain),
    st.builds(model.Lists, st.none() | some, entries),
    st.none() | st.builds(model.Responses, st.none() | st.integers(1, 3), st.none() | st.just(5.0)),
)


def rules(listed: tuple[model.Entry, ...] | None) -> tuple[Rule, ...] | None:
    return None if listed is None else tuple(Rule(e.pattern, e.queue) for e in listed)


def ours(granted: model.Permissions) -> PermissionRules:
    rule = granted.responses
    return PermissionRules(
        rules(granted.publish.allow),
        rules(granted.publish.deny),
        rules(granted.subscribe.allow),
        rules(granted.subscribe.deny),
        rule and ResponseRule(rule.maximum or -1, -1.0 if rule.seconds is None else rule.seconds),
    )


@given(granted, st.lists(st.tuples(patterns | strategies.subjects(3), queues), max_size=12))
def test_lists_mean_the_same(granted, asked):
    found = permissions.ready(ours(granted))
    for subject, queue in (*asked, *asked):
        assert found.may_publish(subject) is model.may_publish(granted, subject)
        assert found.may_subscribe(subject, queue) is model.may_subscribe(granted, subject, queue)
        withheld = found.denies_delivery(subject, queue)
        assert withheld is not model.may_deliver(granted, subject, queue)
        if withheld and found.may_subscribe(subject, queue):
            raise AssertionError("what may be subscribed to as it stands is delivered")


@given(granted, patterns, queues, strategies.subjects(3))
def test_what_is_withheld_is_looked_for(granted, pattern, queue, subject):
    found = permissions.ready(ours(granted))
    matched = model.matches(pattern, subject)
    if matched and found.may_subscribe(pattern, queue) and found.denies_delivery(subject, queue):
        assert found.filters(pattern, queue)


@given(
    st.builds(model.Responses, st.none() | st.integers(1, 3), st.none() | st.just(5.0)),
    st.lists(st.tuples(st.sampled_from("rrrugtt"), st.sampled_from((b"x", b"y"))), max_size=30),
)
def test_leave_to_answer_means_the_same(rule, steps):
    clock = VirtualClock()
    granted = model.Permissions(responses=rule)
    grants, found = model.NONE, Responses(ours(granted).responses, clock)
    for step, subject in steps:
        if step == "t":
            clock.advance(3)
        elif step == "g":
            grants = model.requested(granted, grants, subject, clock.now())
            found.grant(subject)
        else:
            after = model.respond(granted, grants, subject, clock.now())
            assert found.use(subject) is (after is not None)
            grants = grants if after is None else after
