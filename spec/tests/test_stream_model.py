"""The model of a stream itself: small folds whose outcome anyone can check."""

from dataclasses import replace

import pytest

from nats_spec.headers import HeaderBlock
from nats_spec.model import stream as s
from nats_spec.model import stream_account as account
from nats_spec.model.stream_limits import expire, reconfigure
from nats_spec.model.stream_publish import Ack, checks, publish

SECOND = 10**9


def message(subject="x.a", payload=b"", **fields):
    block = HeaderBlock(
        fields=tuple(
            (f"Nats-{k.replace('_', '-')}".encode(), v.encode()) for k, v in fields.items()
        )
    )
    return s.Message(subject.encode(), payload, block.encode() if fields else b"")


def stream(*subjects, **config):
    """A stream that has got one message for each of these subjects."""
    made = s.Stream(s.Config("S", (b"x.>",), **config))
    for number, subject in enumerate(subjects):
        made, ack = publish(made, message(subject), now=number * SECOND)
        assert isinstance(ack, Ack)
    return made


def refusal(made, sent, release=(2, 15)):
    """The code by which `sent` is refused; nothing may come of it."""
    after, answer = publish(made, sent, now=0, release=release)
    assert after == made
    return answer.err_code


def held(made):
    return list(made.messages)


def numbers(made):
    """first, last, deleted."""
    found = s.state(made)
    return found.first_seq, found.last_seq, found.deleted


# ---- State -------------------------------------------------------------------


def test_a_new_stream_is_all_noughts_and_a_purge_makes_it_begin_at_one():
    assert numbers(stream()) == (0, 0, ())
    assert numbers(s.purge(stream())[0]) == (1, 0, ())


def test_bytes_follow_the_formula_of_the_storage():
    sent = message("x.ab", b"12345", Msg_Id="i")
    block = len(sent.block)
    assert s.size(sent, file=False) == 16 + 4 + block + 5
    assert s.size(sent, file=True) == 30 + 4 + 4 + block + 5
    assert s.size(message("x.ab", b"12345"), file=True) == 30 + 4 + 5


def test_first_moves_over_what_is_deleted_at_the_front_and_last_never_moves_back():
    made = stream(*["x.a"] * 6)
    seen = []
    for seq in (3, 6, 1, 2, 4, 5):
        made = s.delete(made, seq)
        seen.append(numbers(made))
    assert seen == [
        (1, 6, (3,)),
        (1, 6, (3, 6)),
        (2, 6, (3, 6)),
        (4, 6, (6,)),
        (5, 6, (6,)),
        (7, 6, ()),
    ]
    assert publish(made, message(), 0)[1] == Ack(7)


# ---- Purge and delete --------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, []),
        ({"below": 1}, [1, 2, 3, 4, 5]),
        ({"below": 3}, [3, 4, 5]),
        ({"keep": 2}, [4, 5]),
        ({"keep": 5}, [1, 2, 3, 4, 5]),
        ({"pattern": b"x.a"}, [2, 4]),
        ({"pattern": b"x.a", "below": 4}, [2, 4, 5]),
        ({"pattern": b"x.a", "keep": 1}, [2, 4, 5]),
        ({"pattern": b"x.*", "below": 99}, []),
        ({"pattern": b"a..b"}, [1, 2, 3, 4, 5]),
    ],
)
def test_a_purge_takes_what_it_says(asked, left):
    made, count = s.purge(stream("x.a", "x.b", "x.a", "x.b", "x.a"), **asked)
    assert (held(made), count, made.last) == (left, 5 - len(left), 5)


def test_a_purge_beyond_the_end_moves_the_end():
    made, count = s.purge(stream("x.a"), below=50)
    assert (count, numbers(made)) == (1, (50, 49, ()))
    assert s.purge(made, below=20) == (made, 0)
    assert publish(made, message(), 0)[1] == Ack(50)


def test_what_a_stream_may_refuse():
    assert s.purge(stream("x.a"), below=1, keep=1) == s.Refused(10003)
    assert s.purge(stream(deny_purge=True)) == s.Refused(10110)
    assert s.delete(stream("x.a", deny_delete=True), 1) == s.Refused(10057)
    assert s.delete(stream("x.a"), 2) == s.Refused(10043)
    sealed = reconfigure(stream("x.a"), replace(stream().config, sealed=True))
    assert s.purge(sealed) == s.delete(sealed, 1) == s.SEALED
    assert refusal(sealed, message(Expected_Stream="T")) == 10109


# ---- Publishing --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Expected_Stream": "T"}, 10060),
        ({"Expected_Last_Sequence": "1"}, 10071),
        ({"Expected_Last_Sequence": "-1"}, 10071),
        ({"Expected_Last_Sequence": "abc"}, 10071),
        ({"Expected_Last_Subject_Sequence": "2"}, 10071),
        ({"Expected_Last_Subject_Sequence_Subject": "x.a"}, 10193),
        ({"Expected_Last_Msg_Id": "other"}, 10070),
        ({"Rollup": "sub"}, 10111),
    ],
)
def test_a_precondition_that_does_not_hold_refuses_the_message(fields, code):
    assert refusal(stream("x.a", "x.b"), message(**fields)) == code


@pytest.mark.parametrize(
    "fields",
    [
        {"Expected_Stream": "S"},
        {"Expected_Stream": ""},
        {"expected_stream": "T"},
        {"Expected_Last_Sequence": "2"},
        {"Expected_Last_Subject_Sequence": "1"},
        {
            "Expected_Last_Subject_Sequence": "2",
            "Expected_Last_Subject_Sequence_Subject": "x.*",
        },
        {
            "Expected_Last_Subject_Sequence": "0",
            "Expected_Last_Subject_Sequence_Subject": "x.new",
        },
    ],
)
def test_a_precondition_that_holds_is_no_matter(fields):
    assert publish(stream("x.a", "x.b"), message(**fields), 0)[1] == Ack(3)


def test_the_last_sequence_is_compared_also_when_all_is_gone():
    made, _ = s.purge(stream("x.a", "x.a"))
    assert refusal(made, message(Expected_Last_Sequence="0")) == 10071
    assert publish(made, message(Expected_Last_Subject_Sequence="0"), 0)[1] == Ack(3)


def test_a_duplicate_is_acknowledged_with_its_first_sequence_and_stored_once():
    made, _ = publish(stream(), message(Msg_Id="m"), 0)
    again = message("x.b", b"other", Msg_Id="m", Expected_Last_Msg_Id="no", Rollup="no")
    assert publish(made, again, 119 * SECOND) == (made, Ack(1, duplicate=True))
    assert publish(made, again, 120 * SECOND)[1].err_code == 10070
    emptied, _ = s.purge(made)
    assert publish(emptied, message(Msg_Id="m"), 0)[1] == Ack(1, duplicate=True)


def test_an_id_is_remembered_only_if_its_message_was_stored():
    full = stream("x.a", discard_new=True, max_msgs=1)
    assert refusal(full, message(Msg_Id="m")) == 10077
    emptied, _ = s.purge(full)
    assert publish(emptied, message(Msg_Id="m"), 0)[1] == Ack(2)


def test_in_which_order_the_checks_come_depends_on_the_release():
    made, _ = publish(stream(max_msg_size=80), message(Msg_Id="m"), 0)
    stale = message(Msg_Id="m", Expected_Last_Sequence="9")
    assert refusal(made, stale) == 10071
    assert publish(made, stale, 0, release=(2, 11, 11))[1] == Ack(1, duplicate=True)
    long = message("x.a", b"x" * 80, Expected_Last_Sequence="9")
    assert refusal(made, long) == 10054
    assert refusal(made, long, release=(2, 14, 6)) == 10071
    old, new = checks((2, 10, 26)), checks((2, 15, 1))
    assert (len(old), len(new)) == (8, 9)


def test_a_block_may_have_64_kib_less_a_byte():
    assert refusal(stream(), message(Long="x" * 65536)) == 10097


def test_a_rollup_leaves_the_newest_of_the_subject_or_of_all():
    made = stream("x.a", "x.b", "x.a", allow_rollup=True)
    assert held(publish(made, message(Rollup="SUB"), 0)[0]) == [2, 4]
    assert held(publish(made, message(Rollup="all"), 0)[0]) == [4]


# ---- Limits ------------------------------------------------------------------


def test_the_subject_is_limited_before_the_stream():
    made = stream("x.a", "x.b", "x.b", max_msgs_per_subject=2, max_msgs=3)
    assert held(publish(made, message("x.b"), 0)[0]) == [1, 3, 4]


def test_discard_old_can_remove_the_very_message_that_it_acknowledged():
    made = stream("x.a", max_bytes=100)
    after, ack = publish(made, message("x.a", b"x" * 200), 0)
    assert (ack, held(after), numbers(after)) == (Ack(2), [], (3, 2, ()))


def test_discard_new_refuses_what_has_no_room():
    full = stream("x.1", "x.2", discard_new=True, max_msgs=2, max_msgs_per_subject=1)
    assert refusal(full, message("x.3")) == 10077
    assert held(publish(full, message("x.1"), 0)[0]) == [2, 3]
    per_subject = replace(full, config=replace(full.config, discard_new_per_subject=True))
    assert refusal(per_subject, message("x.1")) == 10077
    rolls = replace(per_subject, config=replace(per_subject.config, allow_rollup=True))
    assert held(publish(rolls, message("x.1", Rollup="sub"), 0)[0]) == [2, 3]


def test_discard_new_counts_the_bytes_that_would_be():
    full = stream("x.1", discard_new=True, max_bytes=30, max_msgs_per_subject=1)
    assert refusal(full, message("x.2")) == 10077
    assert refusal(full, message("x.1", b"1")) == 10077  # larger than the one it replaces
    assert held(publish(full, message("x.1"), 0)[0]) == [2]


def test_an_update_trims_the_stream_before_its_subjects():
    made = stream("x.a", "x.a", "x.b", "x.b", "x.b")
    config = replace(made.config, max_msgs=4, max_msgs_per_subject=2)
    assert held(reconfigure(made, config)) == [2, 4, 5]
    refusing = replace(config, discard_new=True)
    assert held(reconfigure(made, refusing)) == [1, 2, 4, 5]


def test_messages_expire_by_their_age():
    made = stream("x.a", "x.a", "x.a", max_age=SECOND)
    assert held(expire(made, 2 * SECOND)) == [3]


# ---- Restart, reading, accounts ----------------------------------------------


def test_after_a_restart_only_ids_of_stored_messages_are_known():
    made, _ = publish(stream(file=True), message(Msg_Id="gone"), 0)
    made, _ = publish(made, message(Msg_Id="kept"), 0)
    again = s.restart(s.delete(made, 1), 1)
    assert (list(again.ids), again.last_id, numbers(again)) == ([b"kept"], b"kept", (2, 2, ()))
    tailless = s.restart(s.delete(made, 2), 1)
    assert (list(tailless.ids), tailless.last_id, tailless.last) == ([b"gone"], b"", 2)
    assert s.restart(stream("x.a"), 1) is None


def test_reading_by_subject():
    made = stream("x.a", "x.b", "x.a")
    assert s.last_by_subject(made, b"x.*").seq == 3
    assert s.next_by_subject(made, b"x.a", 2).seq == 3
    assert s.next_by_subject(made, b"x.b", 3) is s.last_by_subject(made, b"y") is None


def test_streams_share_no_subject():
    one = s.Config("one", (b"a.*",))
    streams = account.create({}, one)
    assert account.create(streams, one) == streams
    assert account.create(streams, replace(one, max_msgs=1)) == s.Refused(10058)
    assert account.create(streams, s.Config("two", (b"a.b", b"c"))) == s.Refused(10065)
    streams = account.create(streams, s.Config("two", (b"b.>",), file=True))
    assert account.update(streams, s.Config("two", (b"a.x",))) == s.Refused(10065)
    assert account.update(streams, s.Config("three", (b"d",))) == s.Refused(10059)
    assert account.capturing(streams, b"b.c.d") == "two"
    assert account.capturing(streams, b"c") is None
    assert set(account.restarted(streams, 0)) == {"two"}
    assert account.remove(account.remove(streams, "one"), "one") == s.Refused(10059)


def test_a_sealed_stream_stays_sealed():
    config = s.Config("one", (b"a",), allow_rollup=True, max_age=1)
    streams = account.update(account.create({}, config), replace(config, sealed=True))
    sealed = streams["one"].config
    assert sealed.deny_delete
    assert sealed.deny_purge
    assert (sealed.allow_rollup, sealed.max_age, sealed.discard_new) == (False, 0, True)
    assert account.update(streams, config) == s.Refused(10052)
