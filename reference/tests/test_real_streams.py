"""nats-py's streams, unchanged, against the reference and nats-server: management, publishing, reading."""

from __future__ import annotations

import asyncio

import nats
import pytest
from nats.js.api import DiscardPolicy, Header, RetentionPolicy, StorageType
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from streaming import SERVERS, running


@pytest.fixture(params=SERVERS)
def url(request, tmp_path):
    with running(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=["memory", "file"])
def storage(request):
    return StorageType(request.param)


@pytest.fixture
async def js(url):
    client = await nats.connect(url)
    yield client.jetstream(timeout=20)
    await client.close()


async def refused(call, code):
    with pytest.raises(APIError) as refusal:
        await call
    assert refusal.value.err_code == code


async def test_streams_are_managed(js, storage):
    made = await js.add_stream(
        name="MANAGED", subjects=["managed.>"], storage=storage, max_age=60, max_msgs_per_subject=5
    )
    assert (made.config.storage, made.config.max_age, made.did_create) == (storage, 60, True)
    assert made.config.retention == RetentionPolicy.LIMITS
    assert made.config.discard == DiscardPolicy.OLD
    assert made.state.messages == 0
    await js.add_stream(name="OTHER", subjects=["other"], storage=storage)
    await refused(js.add_stream(name="MANAGED", subjects=["else"], storage=storage), 10058)
    await refused(js.add_stream(name="THIRD", subjects=["managed.a"], storage=storage), 10065)
    assert [each.config.name for each in await js.streams_info()] == ["MANAGED", "OTHER"]
    assert await js.find_stream_name_by_subject("managed.x") == "MANAGED"
    with pytest.raises(NotFoundError):
        await js.find_stream_name_by_subject("nobody.x")

    changed = made.config.evolve(max_msgs=3, description="smaller")
    updated = await js.update_stream(changed)
    assert (updated.config.description, updated.config.max_msgs) == ("smaller", 3)
    for number in range(1, 5):
        await js.publish(f"managed.{number}", b"m%d" % number)
    info = await js.stream_info("MANAGED", subjects_filter=">")
    assert (info.state.messages, info.state.first_seq, info.state.last_seq) == (3, 2, 4)
    assert info.state.subjects == {"managed.2": 1, "managed.3": 1, "managed.4": 1}
    assert (await js.account_info()).streams == 2

    assert await js.delete_stream("MANAGED")
    await refused(js.stream_info("MANAGED"), 10059)
    assert await js.delete_stream("OTHER")
    assert await js.streams_info() == []


async def test_messages_are_acknowledged_one_by_one(js, storage):
    await js.add_stream(name="TARGET", subjects=["target.*"], storage=storage, allow_msg_ttl=True)
    ack = await js.publish("target.a", b"one", headers={Header.MSG_ID: "once"})
    assert (ack.stream, ack.seq, ack.duplicate) == ("TARGET", 1, None)
    ack = await js.publish("target.a", b"one", headers={Header.MSG_ID: "once"})
    assert (ack.seq, ack.duplicate) == (1, True)
    expected = {"Nats-Expected-Last-Sequence": "1"}
    assert (await js.publish("target.a", b"two", stream="TARGET", headers=dict(expected))).seq == 2
    await refused(js.publish("target.a", b"three", headers=dict(expected)), 10071)
    await refused(js.publish("target.a", b"three", stream="ELSE"), 10060)
    await refused(js.publish("target.a", headers={Header.MSG_TTL: "soon"}), 10165)
    assert (await js.publish("target.b", msg_ttl=60)).seq == 3
    with pytest.raises(NoStreamResponseError):
        await js.publish("nowhere", b"lost")


async def test_messages_are_acknowledged_while_others_are_under_way(js, storage):
    await js.add_stream(name="TARGET", subjects=["target.*"], storage=storage, max_msgs=3000)
    futures = [await js.publish_async("target.b", b"%d" % number) for number in range(2000)]
    await js.publish_async_completed()
    acks = await asyncio.gather(*futures)
    assert [ack.seq for ack in acks] == list(range(1, 2001))
    assert js.publish_async_pending() == 0
    several = [js.publish("target.c", b"%d" % number) for number in range(100)]
    assert sorted([ack.seq for ack in await asyncio.gather(*several)]) == list(range(2001, 2101))
    for number in (1, 1000, 2000):
        assert (await js.get_msg("TARGET", number)).data == b"%d" % (number - 1)


async def test_messages_are_read(js, storage):
    await js.add_stream(name="LOG", subjects=["log.*"], storage=storage, allow_direct=True)
    for number, word in enumerate("abacb", 1):
        headers = {"Key": "value"} if number == 2 else None
        await js.publish(f"log.{word}", b"m%d" % number, headers=headers)
    for direct in (False, True):
        message = await js.get_msg("LOG", 2, direct=direct)
        assert (message.subject, message.seq, message.data) == ("log.b", 2, b"m2")
        assert message.headers["Key"] == "value"
        assert (await js.get_msg("LOG", 1, direct=direct)).time <= message.time
        assert (await js.get_last_msg("LOG", "log.a", direct=direct)).data == b"m3"
        following = await js.get_msg("LOG", 3, subject="log.b", next=True, direct=direct)
        assert following.data == b"m5"
        for missing in ({"seq": 99}, {"subject": "log.z"}):
            with pytest.raises(NotFoundError):
                await js.get_msg("LOG", **missing, direct=direct)


async def test_messages_are_removed(js, storage):
    await js.add_stream(name="LOG", subjects=["log.*"], storage=storage)
    for number, word in enumerate("abacbaab", 1):
        await js.publish(f"log.{word}", b"m%d" % number)
    assert await js.delete_msg("LOG", 4)
    await refused(js.delete_msg("LOG", 4), 10043)
    assert await js.purge_stream("LOG", subject="log.a", keep=1)
    state = (await js.stream_info("LOG")).state
    assert (state.messages, state.first_seq, state.last_seq) == (4, 2, 8)
    assert await js.purge_stream("LOG", seq=7)
    assert (await js.stream_info("LOG")).state.first_seq == 7
    assert await js.purge_stream("LOG")
    state = (await js.stream_info("LOG")).state
    assert (state.messages, state.first_seq, state.last_seq) == (0, 9, 8)
