"""/connz: who is connected (MON-CONNZ-*); who was is test_90_ended.py."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.monitoring.connections import cid, ended, entry
from nats_conformance.polling import until
from nats_spec import monitoring

#: Sort keys, the member each sorts by, and whether the largest comes first.
SORTED = {
    "cid": ("cid", False),
    "start": ("start", False),
    "subs": ("subscriptions", True),
    "pending": ("pending_bytes", True),
    "msgs_to": ("out_msgs", True),
    "msgs_from": ("in_msgs", True),
    "bytes_to": ("out_bytes", True),
    "bytes_from": ("in_bytes", True),
    "last": ("last_activity", True),
    "idle": ("last_activity", False),
    "uptime": ("start", True),
}


@case("MON-CONNZ-001", config="monitoring", deliveries=False)
def test_connz_has_its_members(nats: Nats) -> None:
    client = nats.client()
    shown, info = nats.monitor("/connz"), client.info
    always, known = monitoring.members("Connz", nats.release)
    assert set(shown) == always == known
    assert shown["server_id"] == info["server_id"]
    assert (shown["offset"], shown["limit"]) == (0, 1024)
    assert shown["num_connections"] == len(shown["connections"]) <= shown["total"]


@case("MON-CONNZ-002", config="monitoring", deliveries=False)
def test_a_connection_has_its_members(nats: Nats) -> None:
    said = {"name": nats.name("n"), "lang": "python", "version": "1.2.3"}
    client, foo = nats.client(**said), nats.name("foo")
    client.send(f"SUB {foo} 1\r\nSUB {foo} 2\r\nPUB {foo} 5\r\nhello\r\nPUB {foo} 1\r\nx\r\n")
    client.barrier()
    # What was written counts as pending until the server has looked.
    shown = until(
        lambda: entry(nats, cid(client)), lambda each: not each["pending_bytes"], nats.patience
    )
    wanted = {"cid": cid(client), "kind": "Client", "type": "nats", "ip": client.info["client_ip"]}
    wanted |= {"in_msgs": 2, "in_bytes": 6, "out_msgs": 4, "out_bytes": 12, "subscriptions": 2}
    wanted |= {"pending_bytes": 0, **said}
    assert {name: shown.get(name) for name in wanted} == wanted
    rest = {"port", "start", "last_activity", "rtt", "uptime", "idle"}
    assert set(shown) == wanted.keys() | rest
    assert shown["start"] <= shown["last_activity"]
    assert shown["port"] > 0


@case("MON-CONNZ-003", config="monitoring-accounts", deliveries=False)
def test_auth_adds_user_and_account(nats: Nats) -> None:
    client = nats.client(user="second", pass_="pw")
    shown = entry(nats, cid(client), "&auth=1")
    assert (shown["authorized_user"], shown["account"]) == ("second", "TWO")
    without = entry(nats, cid(client))
    assert not {"authorized_user", "account", "name_tag"} & without.keys()


@case("MON-CONNZ-015", config="monitoring-accounts", deliveries=False)
def test_auth_adds_the_account_s_name(nats: Nats) -> None:
    client = nats.client(user="second", pass_="pw")
    assert entry(nats, cid(client), "&auth=1").get("name_tag") == "TWO"


@case("MON-CONNZ-004", config="monitoring", deliveries=False)
def test_subscriptions_are_listed(nats: Nats) -> None:
    client, foo = nats.client(), nats.name("foo")
    client.send(f"SUB {foo}.* 1\r\nSUB {foo}.> team 22\r\nUNSUB 22 9\r\nPUB {foo}.a 0\r\n\r\n")
    client.barrier()
    number = cid(client)
    assert sorted(entry(nats, number, "&subs=1")["subscriptions_list"]) == [f"{foo}.*", f"{foo}.>"]
    one = {"subject": f"{foo}.*", "sid": "1", "msgs": 1, "cid": number}
    two = {"subject": f"{foo}.>", "qgroup": "team", "sid": "22", "msgs": 1, "max": 9, "cid": number}
    for word in ("detail", "DETAIL"):
        shown = entry(nats, number, f"&subs={word}")
        listed = shown["subscriptions_list_detail"]
        assert sorted(listed, key=lambda each: str(each["sid"])) == [one, two]
        assert "subscriptions_list" not in shown
    assert not {"subscriptions_list", "subscriptions_list_detail"} & entry(nats, number).keys()


@case("MON-CONNZ-005", config="monitoring", deliveries=False)
def test_states_choose_connections(nats: Nats) -> None:
    here, gone = nats.client(), nats.client()
    gone.close()
    ended(nats, cid(gone))
    shown = {
        state: {each["cid"] for each in nats.monitor(f"/connz?limit=9999{state}")["connections"]}
        for state in ("", "&state=open", "&state=Closed", "&state=any", "&state=ALL")
    }
    both = {cid(here), cid(gone)}
    assert {state: both & found for state, found in shown.items()} == {
        "": {cid(here)},
        "&state=open": {cid(here)},
        "&state=Closed": {cid(gone)},
        "&state=any": both,
        "&state=ALL": both,
    }
    answer = nats.ask("/connz?state=ajar")
    assert (answer.status, answer.text) == (400, "Error decoding state for ajar")


@case("MON-CONNZ-007", config="monitoring", deliveries=False)
def test_connections_are_sorted(nats: Nats) -> None:
    foo = nats.name("foo")
    for number in (2, 0, 3, 1):
        client = nats.client()
        client.send("".join(f"SUB {foo} {sid}\r\n" for sid in range(number)))
        client.send(f"PUB {foo}.x {number}\r\n{'x' * number}\r\n" * (number + 1))
        client.flush()
    nats.client().send(f"PUB {foo} 3\r\nabc\r\n")
    nats.flush_all()
    for key, (member, largest_first) in SORTED.items():
        found = [each[member] for each in nats.monitor(f"/connz?sort={key}")["connections"]]
        assert found == sorted(found, reverse=largest_first), key
    assert nats.ask("/connz?sort=rtt").status == nats.ask("/connz?sort=").status == 200
    for wrong in ("foo", "CID", "cid,subs"):
        answer = nats.ask(f"/connz?sort={wrong}")
        assert (answer.status, answer.text) == (400, f"invalid sorting option: {wrong}")


@case("MON-CONNZ-008", config="monitoring", deliveries=False)
def test_only_what_has_ended_is_sorted_by_its_end(nats: Nats) -> None:
    for key in ("stop", "reason"):
        for state in ("", "&state=open", "&state=all"):
            answer = nats.ask(f"/connz?sort={key}{state}")
            assert answer.status == 400
            assert answer.text == f"sort by {key} only valid on closed connections"


@case("MON-CONNZ-009", config="monitoring", deliveries=False)
def test_connections_come_in_pages(nats: Nats) -> None:
    clients = [nats.client() for _ in range(4)]
    whole = nats.monitor("/connz?limit=9999")
    numbers = [each["cid"] for each in whole["connections"]]
    assert {cid(client) for client in clients} <= set(numbers)
    for offset, limit in ((0, 2), (1, 2), (2, 9999), (len(numbers), 5), (99999, 1)):
        page = nats.monitor(f"/connz?offset={offset}&limit={limit}")
        wanted = numbers[offset : offset + limit]
        assert [each["cid"] for each in page["connections"]] == wanted
        assert (page["num_connections"], page["total"]) == (len(wanted), len(numbers))
        assert (page["offset"], page["limit"]) == (offset, limit)
    odd = nats.monitor("/connz?offset=-5&limit=-1")
    assert (odd["offset"], odd["limit"], odd["num_connections"]) == (0, 1024, len(numbers))
    assert nats.monitor("/connz?limit=0")["limit"] == 1024


@case("MON-CONNZ-010", config="monitoring", deliveries=False)
def test_one_connection_is_found_by_its_number(nats: Nats) -> None:
    here, gone = nats.client(), nats.client()
    gone.close()
    ended(nats, cid(gone))
    for number, query in ((cid(here), ""), (cid(gone), "&state=closed")):
        found = nats.monitor(f"/connz?cid={number}{query}")
        shown = [(each["cid"], "stop" in each) for each in found["connections"]]
        assert shown == [(number, bool(query))]
        assert (found["limit"], found["num_connections"]) == (1, 1)
    for path in (f"/connz?cid={cid(gone)}", f"/connz?cid={cid(here)}&state=closed"):
        assert nats.monitor(path)["connections"] == []
    assert nats.monitor("/connz?cid=999999999")["connections"] == []


@case("MON-CONNZ-014", config="monitoring", deliveries=False)
def test_one_connection_is_found_in_any_state(nats: Nats) -> None:
    here, gone = nats.client(), nats.client()
    gone.close()
    ended(nats, cid(gone))
    for number in (cid(here), cid(gone)):
        found = nats.monitor(f"/connz?cid={number}&state=all")["connections"]
        assert [each["cid"] for each in found] == [number]


@case("MON-CONNZ-011", config="monitoring-accounts", deliveries=False)
def test_users_and_accounts_filter(nats: Nats) -> None:
    one, two, second = (nats.client(user=name, pass_="pw") for name in ("one", "two", "second"))

    def shown(query: str) -> set[int]:
        return {each["cid"] for each in nats.monitor(f"/connz?{query}")["connections"]}

    mine = {cid(one), cid(two), cid(second)}
    assert mine & shown("acc=ONE") == {cid(one)}
    assert mine & shown("acc=TWO") == {cid(two), cid(second)}
    assert mine & shown("user=second&auth=1") == {cid(second)}
    assert mine & shown("user=second&acc=TWO") == {cid(second)}
    assert mine & shown("user=one&acc=TWO") == set()
    whole, filtered = nats.monitor("/connz"), nats.monitor("/connz?user=second")
    assert filtered["total"] == whole["total"] > filtered["num_connections"]
    assert nats.monitor("/connz?acc=NOBODY")["num_connections"] == 0
