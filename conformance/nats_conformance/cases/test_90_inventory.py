"""Subscriptions, accounts, JetStream, health and the rest (MON-SUBSZ-* .. MON-MISC-*)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_spec import monitoring

if TYPE_CHECKING:
    from nats_conformance.connection import Connection

TEXT = "text/plain; charset=utf-8"
#: What the index of subscriptions counts.
INDEX = (
    "num_subscriptions num_cache num_inserts num_removes num_matches cache_hit_rate"
    " max_fanout avg_fanout"
)
#: Members of an answer that there may be without a list.
ENVELOPE = "server_id now total offset limit"


def subscriber(nats: Nats, foo: str) -> Connection:
    """Somebody with three subscriptions."""
    client = nats.client()
    client.send(f"SUB {foo}.a 1\r\nSUB {foo}.* team 2\r\nSUB {foo}.b.> 3\r\nUNSUB 3 7\r\n")
    client.flush()
    return client


def listed(nats: Nats, query: str, foo: str) -> list[dict[str, Any]]:
    """The subscriptions of that answer that are below `foo`, by subject."""
    found = nats.monitor(f"/subsz?subs=1&limit=9999{query}").get("subscriptions_list", [])
    mine = [each for each in found if each["subject"].startswith(foo)]
    return sorted(mine, key=lambda each: str(each["subject"]))


@case("MON-SUBSZ-001", config="monitoring", deliveries=False)
def test_subsz_has_its_members(nats: Nats) -> None:
    foo = nats.name("foo")
    before = nats.monitor("/subsz?subs=1")
    subscriber(nats, foo)
    after = nats.monitor("/subsz?subs=1")
    for name in (*INDEX.split(), *ENVELOPE.split()):
        assert name in after, name
    assert after["num_inserts"] - before["num_inserts"] == 3
    assert after["num_subscriptions"] == after["num_inserts"] - after["num_removes"] >= 3
    assert (after["offset"], after["limit"]) == (0, 1024)
    assert [name for name in INDEX.split() if name not in nats.monitor("/subsz")] == []


@case("MON-SUBSZ-004", config="monitoring", deliveries=False)
def test_subsz_without_a_list_is_whole(nats: Nats) -> None:
    for path in ("/subsz", "/subscriptionsz"):
        shown = nats.monitor(path)
        assert [name for name in ENVELOPE.split() if name not in shown] == []
        assert "subscriptions_list" not in shown
        assert shown["total"] == 0


@case("MON-SUBSZ-002", config="monitoring", deliveries=False)
def test_subscriptions_are_listed_and_tested(nats: Nats) -> None:
    foo = nats.name("foo")
    number = subscriber(nats, foo).info["client_id"]
    shown = listed(nats, "", foo)
    assert [each["subject"] for each in shown] == [f"{foo}.*", f"{foo}.a", f"{foo}.b.>"]
    team, _, bounded = shown
    assert (team["qgroup"], team["sid"], team["cid"], team["msgs"]) == ("team", "2", number, 0)
    assert bounded["max"] == 7
    assert "account" in team
    for test, wanted in (("a", [".*", ".a"]), ("b.c", [".b.>"]), ("b", [".*"]), ("x.y", [])):
        found = listed(nats, f"&test={foo}.{test}", foo)
        assert [each["subject"].removeprefix(foo) for each in found] == wanted, test
    for wrong in ("a.*", "a.>", "a..b", ".a", "a.", "*"):
        answer = nats.ask(f"/subsz?test={wrong}")
        assert (answer.status, answer.type) == (400, TEXT), wrong
        assert answer.text == f"invalid test subject, must be valid publish subject: {wrong}"


@case("MON-SUBSZ-005", config="monitoring", deliveries=False)
def test_the_total_is_that_of_all_pages(nats: Nats) -> None:
    foo = nats.name("foo")
    subscriber(nats, foo)
    page = nats.monitor(f"/subsz?subs=1&test={foo}.a&limit=1")
    assert (len(page["subscriptions_list"]), page["total"], page["limit"]) == (1, 2, 1)


@case("MON-SUBSZ-003", config="monitoring-accounts", deliveries=False)
def test_subscriptions_of_an_account(nats: Nats) -> None:
    foo = nats.name("foo")
    for user in ("one", "two"):
        client = nats.client(user=user, pass_="pw")
        client.send(f"SUB {foo}.{user} 1\r\n")
        client.flush()
    assert [each["subject"] for each in listed(nats, "&acc=TWO", foo)] == [f"{foo}.two"]
    assert [each["account"] for each in listed(nats, "", foo)] == ["ONE", "TWO"]
    answer = nats.ask("/subsz?acc=NOBODY&subs=1")
    assert answer.status == 200
    none = answer.json()
    assert [none[name] for name in INDEX.split()] == [0] * len(INDEX.split())
    assert nats.ask("/subsz?subs=detail").status == 400


@case("MON-ACC-001", config="monitoring-accounts", deliveries=False)
def test_accounts_are_listed(nats: Nats) -> None:
    shown = nats.monitor("/accountz")
    assert shown["system_account"] == "SYSTEM"
    assert set(shown["accounts"]) == {"ONE", "TWO", "IDLE", "SYSTEM", "$G"}
    assert "account_detail" not in shown
    one = nats.monitor("/accountz?acc=ONE")
    assert one["account_detail"]["account_name"] == "ONE"
    assert "accounts" not in one
    answer = nats.ask("/accountz?acc=NOBODY")
    assert (answer.status, answer.type) == (400, TEXT)
    assert answer.text == "Account NOBODY does not exist"


@case("MON-ACC-002", config="monitoring-accounts", deliveries=False)
def test_an_account_in_detail(nats: Nats) -> None:
    always, known = monitoring.members("AccountDetail", nats.release)
    before = nats.monitor("/accountz?acc=TWO")["account_detail"]
    assert always <= before.keys() <= known
    client = nats.client(user="two", pass_="pw")
    client.send(f"SUB {nats.name()} 1\r\n")
    client.flush()
    after = nats.monitor("/accountz?acc=TWO")["account_detail"]
    assert after["client_connections"] >= 1
    assert after["subscriptions"] >= 1
    assert (after["expired"], after["complete"], after["leafnode_connections"]) == (False, True, 0)
    assert set(after["sublist_stats"]) == set(INDEX.split())
    details = {n: nats.monitor(f"/accountz?acc={n}")["account_detail"] for n in ("ONE", "SYSTEM")}
    assert [each["jetstream_enabled"] for each in (after, details["ONE"])] == [False, True]
    assert [each.get("is_system") for each in (after, details["SYSTEM"])] == [None, True]


@case("MON-ACC-003", config="monitoring-accounts", deliveries=False)
def test_accounts_in_numbers(nats: Nats) -> None:
    client, foo = nats.client(user="two", pass_="pw"), nats.name("foo")

    def shown(query: str = "") -> dict[str, dict[str, Any]]:
        return {each["acc"]: each for each in nats.monitor(f"/accstatz{query}")["account_statz"]}

    before = shown()["TWO"]
    client.send(f"SUB {foo} 1\r\nPUB {foo} 5\r\nhello\r\n")
    client.barrier()
    after = shown()["TWO"]
    always, known = monitoring.members("AccountStats", nats.release)
    assert always <= after.keys() <= known
    assert after["conns"] >= 1
    assert after["num_subscriptions"] >= 1
    for way in ("sent", "received"):
        grown = {name: after[way][name] - before[way][name] for name in ("msgs", "bytes")}
        assert grown == {"msgs": 1, "bytes": 5}, way
    assert "IDLE" not in shown()
    assert shown("?unused=1").keys() >= {"ONE", "TWO", "IDLE", "SYSTEM", "$G"}


@case("MON-ROUTE-001", config="monitoring-accounts", deliveries=False)
def test_routes_of_a_server_alone(nats: Nats) -> None:
    shown = nats.monitor("/routez")
    assert shown.keys() == {"server_id", "server_name", "now", "num_routes", "routes"}
    assert shown["server_id"] == nats.info["server_id"]
    assert (shown["num_routes"], shown["routes"]) == (0, [])
    for subs in ("1", "detail"):
        assert nats.monitor(f"/routez?subs={subs}")["routes"] == []


@case("MON-ROUTE-002", config="monitoring-accounts", deliveries=False)
def test_routes_name_their_server(nats: Nats) -> None:
    assert nats.monitor("/routez")["server_name"] == nats.info["server_name"]


@case("MON-GW-001", config="monitoring-accounts", deliveries=False)
def test_gateways_of_a_server_alone(nats: Nats) -> None:
    for query in ("", "?accs=1&subs=1", "?acc_name=ONE&subs=detail", "?gw_name=x"):
        shown = nats.monitor(f"/gatewayz{query}")
        assert shown.keys() == {"server_id", "now", "outbound_gateways", "inbound_gateways"}
        assert (shown["outbound_gateways"], shown["inbound_gateways"]) == ({}, {})


@case("MON-LEAF-001", config="monitoring-accounts", deliveries=False)
def test_leaf_nodes_of_a_server_alone(nats: Nats) -> None:
    for query in ("", "?subs=1", "?acc=ONE"):
        shown = nats.monitor(f"/leafz{query}")
        assert shown.keys() == {"server_id", "now", "leafnodes", "leafs"}
        assert (shown["leafnodes"], shown["leafs"]) == (0, [])


@case("MON-MISC-001", config="monitoring", deliveries=False)
def test_no_raft_groups(nats: Nats) -> None:
    for query in ("", "?acc=x", "?group=x"):
        answer = nats.ask(f"/raftz{query}")
        assert (answer.status, answer.type) == (404, TEXT)
        assert answer.text == "No Raft nodes registered"


@case("MON-MISC-002", config="monitoring", deliveries=False)
def test_queues_inside(nats: Nats) -> None:
    every = nats.monitor("/ipqueuesz?all=1")
    assert len(every) > 0
    assert all(set(each) <= {"pending", "in_progress"} for each in every.values())
    busy = nats.monitor("/ipqueuesz")
    assert all(each["pending"] or each.get("in_progress") for each in busy.values())
    name = min(every)
    some = nats.monitor(f"/ipqueuesz?all=1&queues={name.partition(' ')[0]}")
    assert name in some
    assert nats.monitor("/ipqueuesz?all=1&queues=no-such-queue") == {}


@case("MON-MISC-003", config="monitoring", deliveries=False)
def test_stacks_are_no_json(nats: Nats) -> None:
    answer = nats.ask("/stacksz")
    assert (answer.status, answer.type) == (200, "application/json")
    assert "\n" in answer.text
    assert not answer.text.startswith(("{", "["))


@case("MON-MISC-004", config="monitoring", deliveries=False)
def test_variables_of_the_runtime(nats: Nats) -> None:
    answer = nats.ask("/debug/vars")
    assert (answer.status, answer.type) == (200, "application/json; charset=utf-8")
    assert {"cmdline", "memstats"} <= answer.json().keys()
