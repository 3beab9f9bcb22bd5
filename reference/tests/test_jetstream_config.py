"""A stream's configuration: what is filled in, and what is refused in which words."""

from __future__ import annotations

import pytest
from asking import Asker, serve

S = 1_000_000_000


@pytest.fixture
def asker(world, tmp_path):
    return Asker(serve(world, tmp_path))


def test_what_is_filled_in(asker):
    config = asker.request("STREAM.CREATE.A", {"name": "A"})["config"]
    assert list(config.items()) == [
        ("name", "A"),
        ("subjects", ["A"]),
        ("retention", "limits"),
        ("max_consumers", -1),
        ("max_msgs", -1),
        ("max_bytes", -1),
        ("max_age", 0),
        ("max_msgs_per_subject", -1),
        ("max_msg_size", -1),
        ("discard", "old"),
        ("storage", "file"),
        ("num_replicas", 1),
        ("duplicate_window", 120 * S),
        ("compression", "none"),
        ("allow_direct", False),
        ("mirror_direct", False),
        ("sealed", False),
        ("deny_delete", False),
        ("deny_purge", False),
        ("allow_rollup_hdrs", False),
        ("consumer_limits", {}),
        ("allow_msg_ttl", False),
        ("metadata", {"_nats.level": "5", "_nats.req.level": "0", "_nats.ver": "2.15.1"}),
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"max_msgs": 0, "max_bytes": -7}, {"max_msgs": -1, "max_bytes": -1}),
        ({"max_age": S}, {"duplicate_window": S}),
        ({"max_age": 600 * S}, {"duplicate_window": 120 * S}),
        ({"placement": {}}, {"placement": None}),
        ({"placement": {"cluster": "x", "tags": []}}, {"placement": {"cluster": "x"}}),
        ({"subject_delete_marker_ttl": S, "deny_purge": True}, {"allow_msg_ttl": True, "allow_rollup_hdrs": True, "deny_purge": False}),
        ({"allow_msg_schedules": True, "deny_purge": True}, {"allow_rollup_hdrs": True, "deny_purge": False}),
        ({"republish": {"dest": "r.>"}}, {"republish": {"src": ">", "dest": "r.>"}}),
        ({"republish": {"src": ">", "dest": ">"}, "subjects": ["x.>"], "subject_transform": {"src": "x.>", "dest": "y.>"}}, {"republish": {"src": "y.>", "dest": "y.>"}}),
        ({"mirror": {"name": "O"}}, {"subjects": None, "duplicate_window": None, "mirror": {"name": "O"}}),
        ({"sources": [{"name": "O", "external": {}}]}, {"subjects": None, "sources": [{"name": "O", "external": {"api": "", "deliver": ""}}]}),
        ({"persist_mode": ""}, {"persist_mode": None}),
        ({"persist_mode": "async"}, {"persist_mode": "async"}),
        ({"consumer_limits": {"max_ack_pending": 5, "inactive_threshold": 0}}, {"consumer_limits": {"max_ack_pending": 5}}),
        ({"metadata": {"b": "1", "a": "2", "_nats.ver": "x"}}, {"metadata": {"_nats.level": "5", "_nats.req.level": "0", "_nats.ver": "2.15.1", "a": "2", "b": "1"}}),
    ],
)  # fmt: skip
def test_what_becomes_of_members(asker, said, told):
    config = asker.request("STREAM.CREATE.A", {"name": "A"} | said)["config"]
    assert {name: config.get(name) for name in told} == told


@pytest.mark.parametrize(
    ("members", "level"),
    [
        ({}, "0"),
        ({"allow_msg_ttl": True}, "1"),
        ({"subject_delete_marker_ttl": S}, "1"),
        ({"allow_msg_counter": True}, "2"),
        ({"allow_atomic": True}, "2"),
        ({"allow_msg_schedules": True}, "2"),
        ({"persist_mode": "async"}, "2"),
        ({"allow_batched": True}, "4"),
        ({"allow_batched": True, "allow_msg_ttl": True}, "4"),
        ({"mirror": {"name": "O", "consumer": {"name": "c", "deliver_subject": "d"}}}, "0"),
    ],
)
def test_the_level_that_a_stream_needs(asker, members, level):
    created = asker.request(
        "STREAM.CREATE.A", {"name": "A", "metadata": {"_nats.req.level": "9"}} | members
    )
    assert created["config"]["metadata"]["_nats.req.level"] == level
    (listed,) = asker.request("STREAM.LIST")["streams"]
    assert listed["config"]["metadata"] == {"_nats.req.level": level}


REFUSED = [
    ({"max_age": -1}, 10052, "max age can not be negative"),
    ({"max_age": 1}, 10052, "max age needs to be >= 100ms"),
    ({"duplicate_window": -1}, 10052, "duplicates window can not be negative"),
    ({"duplicate_window": 2 * S, "max_age": S}, 10052, "duplicates window can not be larger then max age"),
    ({"duplicate_window": 1}, 10052, "duplicates window needs to be >= 100ms"),
    ({"description": "x" * 4097}, 10052, "stream description is too long, maximum allowed is 4096"),
    ({"metadata": {"a": "x" * 131072}}, 10052, "stream metadata exceeds maximum size of 131072 bytes"),
    ({"num_replicas": 6}, 10052, "maximum replicas is 5"),
    ({"num_replicas": -1}, 10133, "replicas count cannot be negative"),
    ({"num_replicas": 3}, 10074, "replicas > 1 not supported in non-clustered mode"),
    ({"sealed": True}, 10052, "stream configuration for create can not be sealed"),
    ({"mirror_direct": True}, 10052, "stream has no mirror but does have mirror direct"),
    ({"deny_purge": True, "allow_rollup_hdrs": True}, 10052, "roll-ups require the purge permission"),
    ({"discard_new_per_subject": True}, 10052, "discard new per subject requires discard new policy to be set"),
    ({"discard_new_per_subject": True, "discard": "new"}, 10052, "discard new per subject requires max msgs per subject > 0"),
    ({"subject_delete_marker_ttl": -1}, 10052, "subject delete marker TTL must not be negative"),
    ({"subject_delete_marker_ttl": 1}, 10052, "subject delete marker TTL must be at least 1 second"),
    ({"allow_msg_schedules": True, "discard": "new"}, 10052, "message scheduling cannot use discard new"),
    ({"allow_msg_counter": True, "discard": "new"}, 10052, "counter stream cannot use discard new"),
    ({"allow_msg_counter": True, "allow_msg_ttl": True}, 10052, "counter stream cannot use message TTLs"),
    ({"allow_msg_counter": True, "allow_msg_schedules": True}, 10052, "counter stream cannot use message schedules"),
    ({"allow_msg_counter": True, "retention": "interest"}, 10052, "counter stream can only use limits retention"),
    ({"persist_mode": "async", "storage": "memory"}, 10052, "async persist mode is only supported on file storage"),
    ({"persist_mode": "async", "num_replicas": 3}, 10052, "async persist mode is not supported on replicated streams"),
    ({"persist_mode": "async", "allow_atomic": True}, 10052, "async persist mode is not supported with atomic batch publish"),
    ({"placement": {"preferred": "x"}}, 10052, "preferred server not permitted in placement"),
    ({"subjects": ["a..b"]}, 10052, "invalid subject"),
    ({"subjects": ["a b"]}, 10052, "invalid subject"),
    ({"subjects": [""]}, 10052, "invalid subject"),
    ({"subjects": ["a", "a"]}, 10052, 'subject "a" overlaps with "a"'),
    ({"subjects": ["a.*", "a.b"]}, 10052, 'subject "a.*" overlaps with "a.b"'),
    ({"subjects": [">"]}, 10052, "capturing all subjects requires no-ack to be true"),
    ({"subjects": [">"], "no_ack": True, "num_replicas": 2}, 10052, "capturing all subjects requires replicas of 1"),
    ({"subjects": ["*.API"]}, 10052, "subjects that overlap with jetstream api require no-ack to be true"),
    ({"subjects": ["$SYS.x"]}, 10052, "subjects that overlap with system api require no-ack to be true"),
    ({"subjects": ["o.1"]}, 10065, "subjects overlap with an existing stream"),
    ({"subject_transform": {"src": "a..b", "dest": "x"}}, 10155, "stream transform source: invalid subject a..b"),
    ({"subject_transform": {"src": "a.*", "dest": "b.$2"}}, 10156, "stream transform: invalid mapping destination: wildcard index out of range in $2: [2]"),
    ({"republish": {"src": ">", "dest": "A"}}, 10052, "stream configuration for republish destination forms a cycle"),
    ({"republish": {"src": "a.*", "dest": "b.$2"}}, 10052, "stream configuration for republish with transform from 'a.*' to 'b.$2' not valid"),
    ({"mirror": {"name": "O"}, "first_seq": 5}, 10143, None),
    ({"mirror": {"name": "O"}, "subjects": ["x"]}, 10034, None),
    ({"mirror": {"name": "O"}, "sources": [{"name": "O"}]}, 10031, None),
    ({"mirror": {"name": "O"}, "allow_msg_counter": True}, 10173, None),
    ({"mirror": {"name": "O"}, "allow_atomic": True}, 10198, None),
    ({"mirror": {"name": "O"}, "allow_batched": True}, 10209, None),
    ({"mirror": {"name": "O"}, "allow_msg_schedules": True}, 10186, None),
    ({"mirror": {"name": "O"}, "subject_delete_marker_ttl": S}, 10052, "subject delete markers forbidden on mirrors"),
    ({"mirror": {"name": "a.b"}}, 10142, None),
    ({"mirror": {"name": "O"}, "max_msg_size": 10}, 10030, None),
    ({"mirror": {"name": "O", "filter_subject": "a..b"}}, 10049, "subject filter 'a..b' for the mirror invalid subject"),
    ({"mirror": {"name": "O", "filter_subject": "o", "subject_transforms": [{"src": "o"}]}}, 10150, None),
    ({"mirror": {"name": "O", "subject_transforms": [{"src": "a..b"}]}}, 10151, None),
    ({"mirror": {"name": "O", "subject_transforms": [{"src": "o.*", "dest": "x.$2"}]}}, 10154, None),
    ({"mirror": {"name": "O", "subject_transforms": [{"src": "o.*"}, {"src": "o.1"}]}}, 10152, None),
    ({"mirror": {"name": "O", "consumer": {}}}, 10213, None),
    ({"mirror": {"name": "O", "consumer": {"name": "c", "deliver_subject": "d"}, "opt_start_seq": 1}}, 10213, None),
    ({"mirror": {"name": "A"}}, 10052, "detected cycle"),
    ({"mirror": {"name": "O", "external": {"api": "$JS.API"}}}, 10021, None),
    ({"mirror": {"name": "O", "external": {"api": "$JS.*.API"}}}, 10052, 'stream external api prefix "$JS.*.API" must be a valid subject without wildcards'),
    ({"mirror": {"name": "O", "external": {"deliver": "d.*"}}}, 10024, None),
    ({"sources": [{"name": "a.b"}]}, 10141, None),
    ({"sources": [None]}, 10141, None),
    ({"sources": [{"name": "O"}, {"name": "O", "filter_subject": ">"}]}, 10140, None),
    ({"sources": [{"name": "O", "filter_subject": "a..b"}]}, 10049, "subject filter 'a..b' for the source: invalid subject"),
    ({"sources": [{"name": "O", "filter_subject": "o", "subject_transforms": [{"src": "o"}]}]}, 10144, None),
    ({"sources": [{"name": "O", "subject_transforms": [{"src": "a..b"}]}]}, 10145, None),
    ({"sources": [{"name": "O", "subject_transforms": [{"src": "o.*", "dest": "x.$2"}]}]}, 10146, None),
    ({"sources": [{"name": "O", "subject_transforms": [{"src": "o.*"}, {"src": "o.1"}]}]}, 10147, None),
    ({"sources": [{"name": "O", "consumer": {"name": "c", "deliver_subject": "d.*"}}]}, 10215, None),
    ({"sources": [{"name": "O", "filter_subject": "", "consumer": {"name": "c", "deliver_subject": "d"}}, {"name": "O", "subject_transforms": [{"src": "o.1"}], "consumer": {"name": "c", "deliver_subject": "e"}}]}, 10216, None),
    ({"sources": [{"name": "O"}], "max_msg_size": 10}, 10046, None),
    ({"sources": [{"name": "O"}], "allow_msg_schedules": True}, 10187, None),
    ({"sources": [{"name": "A"}], "subjects": ["x"]}, 10052, "detected cycle"),
    ({"sources": [{"name": "O", "external": {"api": "$JS.D.API", "deliver": "*"}}, {"name": "O"}]}, 10024, None),
]  # fmt: skip


@pytest.mark.parametrize(("members", "err_code", "text"), REFUSED)
def test_what_is_refused(asker, members, err_code, text):
    asker.create("O", subjects=["o.>"], max_msg_size=1000)
    said = {"name": "A", "storage": "file"} | members
    found, why = asker.why("STREAM.CREATE.A", said)
    assert found == err_code
    assert text is None or why == text
    assert asker.request("STREAM.NAMES")["streams"] == ["O"]


@pytest.mark.parametrize(
    ("members", "err_code", "text"),
    [
        ({"max_msgs": -2}, 10157, "pedantic mode: max_msgs must be set to -1"),
        ({"max_consumers": -2}, 10157, "pedantic mode: max_consumers must be set to -1"),
        ({"max_age": S}, 10157, "pedantic mode: duplicate window cannot be bigger than max age"),
        ({"subject_delete_marker_ttl": S}, 10052, "subject delete marker cannot be set if message TTLs are disabled"),
        ({"allow_msg_schedules": True}, 10052, "message scheduling cannot be set if roll-ups are disabled"),
        ({"republish": {"dest": "r.>"}}, 10157, "pedantic mode: republish source can not be empty"),
        ({"mirror": {"name": "O"}}, 10157, "pedantic mode: origin stream has direct get set, mirror has it disabled"),
    ],
)  # fmt: skip
def test_pedantic_mode_decides_nothing(asker, members, err_code, text):
    asker.create("O", subjects=["o.>"], allow_direct=True)
    assert asker.why("STREAM.CREATE.A", {"name": "A", "pedantic": True} | members) == (
        err_code,
        text,
    )
    asker.request("STREAM.CREATE.A", {"name": "A"} | members)
    asker.request("STREAM.CREATE.B", {"name": "B", "pedantic": True, "max_msgs": 0})


def test_the_servers_limit_of_duplicate_windows(world, tmp_path):
    asker = Asker(serve(world, tmp_path, duplicate_window=10 * S))
    assert asker.create("A")["duplicate_window"] == 10 * S
    text = "duplicates window can not be larger then server limit of 10s"
    assert asker.why("STREAM.CREATE.B", {"name": "B", "duplicate_window": 11 * S}) == (10052, text)
    said = {"name": "B", "pedantic": True}
    assert asker.refused("STREAM.CREATE.B", said) == 10157


@pytest.mark.parametrize(
    ("name", "err_code"),
    [("A/B", 10128), ("A\\B", 10128), ("A*", 10052), ("A>", 10052), ("x" * 256, 10052), ("x" * 255, None), (">", 10052), ("\u00fc", None)],
)  # fmt: skip
def test_names(asker, name, err_code):
    answer = asker.ask(f"STREAM.CREATE.{name}", {"name": name, "storage": "memory"})
    assert answer.get("error", {}).get("err_code") == err_code


def test_names_must_agree(asker):
    assert asker.refused("STREAM.CREATE.A", {"name": "B"}) == 10056
    assert asker.refused("STREAM.CREATE.A", "") == 10056
    asker.create("A")
    assert asker.refused("STREAM.UPDATE.A", {"name": "B"}) == 10056
    # An update looks at the configuration first.
    assert asker.refused("STREAM.UPDATE.A", {"name": "B", "max_age": -1}) == 10052
    assert asker.refused("STREAM.UPDATE.A", "") == 10052
    assert asker.refused("STREAM.UPDATE.B", {"name": "B"}) == 10059


def test_creating_again(asker):
    said = {"name": "A", "max_msgs": 5, "metadata": {"a": "b"}}
    first = asker.request("STREAM.CREATE.A", said)
    asker.publish("A")
    again = asker.request(
        "STREAM.CREATE.A", said | {"metadata": {"a": "b", "_nats.req.level": "7"}}
    )
    assert again["did_create"] is True
    assert (again["created"], again["state"]["messages"]) == (first["created"], 1)
    assert asker.refused("STREAM.CREATE.A", said | {"max_msgs": 6}) == 10058
    assert asker.refused("STREAM.CREATE.A", {"name": "A"}) == 10058


def test_subjects_of_other_streams(asker):
    asker.create("A", subjects=["a.*", "b.>"])
    asker.create("B", subjects=["c"])
    for subject in ("a.x", "a.*", "b.c.d", "a.>"):
        assert asker.refused("STREAM.CREATE.C", {"name": "C", "subjects": [subject]}) == 10065
        assert (
            asker.refused(
                "STREAM.UPDATE.B", {"name": "B", "storage": "memory", "subjects": [subject]}
            )
            == 10065
        )
    for subject in ("a", "a.x.y", "b", "d.*"):
        asker.create("C", subjects=[subject])
        asker.request("STREAM.DELETE.C")
    asker.request("STREAM.UPDATE.A", {"name": "A", "storage": "memory", "subjects": ["b.>"]})
    asker.create("C", subjects=["a.*"])


def test_cycles_through_other_streams(asker):
    asker.create("A", sources=[{"name": "B"}])
    assert asker.why("STREAM.CREATE.B", {"name": "B", "sources": [{"name": "A"}]})[0] == 10052
    assert asker.why("STREAM.CREATE.B", {"name": "B", "mirror": {"name": "A"}})[0] == 10052
    asker.create("B", subjects=["b"])
    asker.create("C", mirror={"name": "A"})
