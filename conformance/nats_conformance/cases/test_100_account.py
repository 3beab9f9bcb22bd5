"""Chapter 100: what INFO tells of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_conformance.expect import Unreachable

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream
    from nats_conformance.server import Server

LIMITS = (
    "max_memory",
    "max_storage",
    "max_streams",
    "max_consumers",
    "max_ack_pending",
    "memory_max_stream_bytes",
    "storage_max_stream_bytes",
)

#: Requests of an account without streams, with the type of the answer.
WITHOUT: tuple[tuple[str, Any, str], ...] = (
    ("INFO", None, "account_info_response"),
    ("STREAM.CREATE.S", {"name": "S"}, "stream_create_response"),
    ("STREAM.CREATE.S", "{", "stream_create_response"),
    ("STREAM.UPDATE.S", {"name": "S"}, "stream_update_response"),
    ("STREAM.NAMES", None, "stream_names_response"),
    ("STREAM.LIST", None, "stream_list_response"),
    ("STREAM.INFO.S", None, "stream_info_response"),
    ("STREAM.DELETE.S", None, "stream_delete_response"),
    ("STREAM.DELETE.S", "x", "stream_delete_response"),
    ("STREAM.PURGE.S", None, "stream_purge_response"),
    ("STREAM.MSG.GET.S", {"seq": 1}, "stream_msg_get_response"),
    ("STREAM.MSG.DELETE.S", {"seq": 1}, "stream_msg_delete_response"),
    ("CONSUMER.NAMES.S", None, "consumer_names_response"),
)


def figures(js: JetStream) -> dict[str, Any]:
    return js.request("INFO")


def with_accounts(nats: Nats) -> Server:
    """A server with several accounts."""
    try:
        return nats.start("jetstream-accounts")
    except Unreachable as refusal:
        if "accounts" not in str(refusal):
            raise
        nats.not_applicable("the target has one account only")


@case("JS-API-024", "JS-CFG-008", config="jetstream", private=True)
def test_info_adds_up_what_streams_use_and_reserve(nats: Nats) -> None:
    js = nats.jetstream()
    nothing = figures(js)
    names = ("memory", "storage", "reserved_memory", "reserved_storage", "streams", "consumers")
    assert {name: nothing[name] for name in names} == dict.fromkeys(names, 0)
    memory = [js.create(storage="memory", max_bytes=size) for size in (1000, 2000, None)]
    file = [js.create(storage="file", max_bytes=size) for size in (30_000, None)]
    for stream in (*memory, *file):
        js.publish(stream, "x" * 100)
    js.consumer(file[0], "c", ack_policy="explicit")
    told = figures(js)
    assert told["memory"] == sum(js.state(each)["bytes"] for each in memory) > 300
    assert told["storage"] == sum(js.state(each)["bytes"] for each in file) > 200
    assert (told["reserved_memory"], told["reserved_storage"]) == (3000, 30_000)
    assert (told["streams"], told["consumers"]) == (5, 1)
    change = {"name": memory[0], "storage": "memory", "max_bytes": 5000}
    js.request(f"STREAM.UPDATE.{memory[0]}", change)
    assert figures(js)["reserved_memory"] == 7000
    for each in (*memory, *file):
        js.request(f"STREAM.DELETE.{each}")
    after = figures(js)
    assert {name: after[name] for name in names} == dict.fromkeys(names, 0)


@case("JS-API-025", config="jetstream", private=True)
def test_calls_and_failures_are_counted(nats: Nats) -> None:
    js = nats.jetstream()
    before = figures(js)["api"]
    stream = js.create(allow_direct=True)
    js.publish(stream, "x")
    js.request(f"STREAM.MSG.GET.{stream}", {"seq": 1})
    assert js.direct(stream, {"seq": 1}).payload == b"x"
    js.request("STREAM.NAMES")
    js.refused(f"STREAM.MSG.GET.{stream}", 10037, {"seq": 9})
    js.refused("STREAM.INFO.none", 10059)
    js.refused("STREAM.LEADER.STEPDOWN.none", 10010)
    js.refused("STREAM.CREATE.none", 10025, "{")
    js.send("$JS.API.NOTHING", "", None, js.inbox())
    after = figures(js)["api"]
    assert after["total"] - before["total"] == 1 + 6, "the first INFO, and six more"
    assert after["errors"] - before["errors"] == 4


@case("JS-API-024", "JS-API-026", config="jetstream", deliveries=False)
def test_limits_that_are_none_are_minus_one(nats: Nats) -> None:
    limits = figures(nats.jetstream())["limits"]
    assert {name: limits[name] for name in LIMITS} == dict.fromkeys(LIMITS, -1)
    assert limits["max_bytes_required"] is False


@case("JS-API-028", "JS-API-029", config="jetstream-domain", deliveries=False)
def test_a_domain_is_told_and_may_be_asked_by_name(nats: Nats) -> None:
    js, there = nats.jetstream(), nats.jetstream(prefix="$JS.HUB.API")
    stream = there.create()
    same = {"name": stream, "storage": "memory"}
    for client in (js, there):
        assert client.info(stream)["domain"] == "HUB"
        assert client.request("INFO")["domain"] == "HUB"
        assert client.request(f"STREAM.UPDATE.{stream}", same)["domain"] == "HUB"
        listed = client.request("STREAM.LIST", {"subject": stream})["streams"]
        assert [each["domain"] for each in listed] == ["HUB"]
        assert client.publish(stream, "x")["domain"] == "HUB"
        assert "domain" not in client.request(f"STREAM.CREATE.{stream}", same)
        client.send(f"{client.prefix}.STREAM.INFO.{stream}.more", "", None, client.inbox())
        client.quiet()
    assert there.request(f"STREAM.PURGE.{stream}")["purged"] == 2


@case("JS-API-007", "JS-ERR-020", config="jetstream", private=True)
def test_an_account_without_jetstream_is_told_so(nats: Nats) -> None:
    js = nats.jetstream(server=with_accounts(nats), user="WITHOUT", pass_="pw")
    for endpoint, body, kind in WITHOUT:
        answer = js.refused(endpoint, 10039, body)
        assert answer["type"] == f"io.nats.jetstream.api.v1.{kind}", endpoint
        assert answer["error"]["code"] == 503, endpoint
    js.refused("STREAM.LEADER.STEPDOWN.S", 10010)


@case("JS-API-033", "JS-API-031", config="jetstream", private=True)
def test_the_system_account_can_purge_another(nats: Nats) -> None:
    server = with_accounts(nats)
    js = nats.jetstream(server=server, user="WITH", pass_="pw")
    system = nats.jetstream(server=server, user="SYSTEM", pass_="pw")
    for storage in ("memory", "file"):
        js.consumer(js.create(storage=storage), "c", ack_policy="explicit")
    assert js.request("INFO")["streams"] == 2
    for account in ("WITH", "WITH", "NOBODY"):
        assert system.request(f"ACCOUNT.PURGE.{account}")["initiated"] is True
    told = js.request("INFO")
    assert (told["streams"], told["consumers"], told["storage"]) == (0, 0, 0)
    for endpoint in ("META.LEADER.STEPDOWN", "SERVER.REMOVE", "ACCOUNT.STREAM.MOVE.WITH.S"):
        system.send(f"$JS.API.{endpoint}", "", None, system.inbox())
    system.refused("INFO", 10039)
    system.barrier()
    assert not system.arrived


@case("JS-API-034", config="jetstream", private=True)
def test_the_system_account_has_no_streams(nats: Nats) -> None:
    system = nats.jetstream(server=with_accounts(nats), user="SYSTEM", pass_="pw")
    assert system.refused("INFO", 10039)["type"].endswith(".account_info_response")
    for endpoint in ("STREAM.LIST", "STREAM.CREATE.S", "STREAM.INFO.S", "NOTHING"):
        answer = system.refused(endpoint, 10039, {"name": "S"})
        assert answer["type"] == "io.nats.jetstream.api.v1.system_response", endpoint
