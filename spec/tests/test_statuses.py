"""statuses.py: complete entries, found by code and text, spelled as servers spell them."""

import re

import pytest

from nats_spec import headers, requirements, statuses

#: Families whose chapters are still to come: their ids are taken from the start.
LATER = re.compile(r"JS-(PULL|PUSH|PRIO)-\d{3}")


def test_names_and_lines_are_unique():
    assert len({each.id for each in statuses.STATUSES}) == len(statuses.STATUSES)
    assert len({(each.code, each.text) for each in statuses.STATUSES}) == len(statuses.STATUSES)


@pytest.mark.parametrize("status", statuses.STATUSES, ids=lambda each: each.id)
def test_an_entry_is_whole(status):
    assert status.ends == (status.code != 100)
    assert status.when
    assert status.client.endswith(".")
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", status.since)
    catalogue = requirements.load()
    known = catalogue.requirements.keys() | catalogue.excluded.keys()
    assert status.requirement in known or LATER.fullmatch(status.requirement)


@pytest.mark.parametrize("status", statuses.STATUSES, ids=lambda each: each.id)
def test_a_block_is_found_again(status):
    given = {"count": 3, "duration": "1s", "why": "because"}
    block = status.block(*range(len(status.fields)), **given)
    parsed = headers.parse(block)
    assert parsed.status == status.code
    assert statuses.said(parsed.status, parsed.description.decode()) is status
    assert status.lacks(tuple(name.decode() for name, _ in parsed.fields)) == []
    assert statuses.status(status.id) is status


def test_a_block_is_spelled_as_servers_do():
    assert statuses.status("request-timeout").block(2, 0) == (
        b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 2\r\nNats-Pending-Bytes: 0\r\n\r\n"
    )
    assert statuses.status("idle-heartbeat").block(7, 9) == (
        b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\nNats-Last-Stream: 9\r\n\r\n"
    )
    assert statuses.status("no-responders").block() == b"NATS/1.0 503\r\n\r\n"


def test_fields_that_do_not_belong_are_told():
    status = statuses.status("idle-heartbeat")
    assert status.lacks(("Nats-Last-Consumer", "A")) == [
        "Nats-Last-Stream is missing",
        "A does not belong to it",
    ]


@pytest.mark.parametrize(
    ("code", "text"), [(408, ""), (404, "no messages"), (409, "Exceeded MaxRequestBatch of ")]
)
def test_what_no_server_sends_is_not_found(code, text):
    assert statuses.said(code, text) is None
