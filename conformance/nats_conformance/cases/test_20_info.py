"""INFO: what the greeting says, and the INFOs that come later (INFO-*).

What a configuration puts into INFO is seen on servers of the case's own. Leaves
out nonce, TLS, clusters and accounts, which have chapters of their own.
"""

from __future__ import annotations

import json
import re
from typing import Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_conformance.expect import Unreachable
from nats_spec import schemas
from nats_spec.operations import Hmsg, Info, Pong

MEMBERS: dict[str, type] = {
    "server_id": str,
    "server_name": str,
    "version": str,
    "proto": int,
    "go": str,
    "host": str,
    "port": int,
    "headers": bool,
    "max_payload": int,
}


def ask_jetstream(nats: Nats, requester: Connection) -> dict[str, Any] | None:
    """What the JetStream API says of itself; None if nobody answers."""
    inbox = nats.name("inbox")
    requester.send(f"SUB {inbox} 1\r\nPUB $JS.API.INFO {inbox} 0\r\n\r\n")
    answer = requester.next()
    if isinstance(answer, Hmsg) and answer.header.startswith(b"NATS/1.0 503"):
        return None
    fields: dict[str, Any] = json.loads(answer.payload)
    return fields


def later_infos(connection: Connection) -> list[dict[str, Any]]:
    """The INFOs after the greeting, those on their way included."""
    connection.flush()
    connection.flush()
    return connection.infos


def until_lame_duck(connection: Connection) -> dict[str, Any]:
    """The INFO with ldm true; others may come before it."""
    while True:
        fields = connection.expect_info()
        if fields.get("ldm"):
            return fields


@case("INFO-001")
def test_info_comes_first_and_once(nats: Nats) -> None:
    c = nats.connect()
    assert c.info_line.startswith(b"INFO {"), "the first bytes are INFO"
    c.expect_nothing()
    assert c.infos == [], "there is one greeting"


@case("INFO-002")
def test_info_has_its_mandatory_fields(nats: Nats) -> None:
    info = nats.connect().info
    wrong = [name for name, kind in MEMBERS.items() if type(info.get(name)) is not kind]
    assert not wrong, f"these are missing or of another type: {wrong}"
    assert re.fullmatch("N[A-Z2-7]{55}", info["server_id"]), "server_id is an nkey of a server"
    assert not [name for name in ("server_name", "version", "go", "host") if not info[name]]
    assert schemas.validate("info", info) == []


@case("INFO-002", "INFO-003", deliveries=False)
def test_server_name_is_the_configured_one_or_the_server_id(nats: Nats) -> None:
    named = nats.start(text='server_name: "zed"\n').connect().info
    assert named["server_name"] == "zed"
    unnamed, again = nats.connect().info, nats.connect().info
    assert unnamed["server_id"] == again["server_id"], "each client of a server reads the same"
    assert unnamed["server_name"] == unnamed["server_id"], "none was configured"
    assert named["server_id"] != unnamed["server_id"], "another server has another id"


@case("INFO-004")
def test_proto_is_1(nats: Nats) -> None:
    assert nats.connect().info["proto"] == 1


@case("INFO-005", config="monitoring")
def test_client_ids_grow_and_are_the_cids_of_connz(nats: Nats) -> None:
    names = [nats.name("client") for _ in range(3)]
    ids = [nats.client(name=name).info["client_id"] for name in names]
    assert ids == sorted(set(ids)), "each connection has a greater number than the one before"
    shown = {each.get("name"): each["cid"] for each in nats.monitor("/connz")["connections"]}
    assert [shown[name] for name in names] == ids, "/connz shows them as cid"


@case("INFO-006", config="monitoring")
def test_client_ip_is_the_address_of_the_peer(nats: Nats) -> None:
    c = nats.client(name=nats.name("client"))
    assert c.info["client_ip"] == c.local_address[0]
    shown = {each["cid"]: each["ip"] for each in nats.monitor("/connz")["connections"]}
    assert shown[c.info["client_id"]] == c.info["client_ip"], "/connz shows the same"


@case("INFO-007")
def test_auth_required_is_not_true_where_no_credentials_are_asked_for(nats: Nats) -> None:
    if nats.target.credentials:
        nats.not_applicable("the target asks for credentials")
    assert not nats.connect().info.get("auth_required")


@case("INFO-007", config="auth-token")
def test_auth_required_is_true_where_a_token_is_asked_for(nats: Nats) -> None:
    assert nats.connect().info.get("auth_required") is True


@case("INFO-007", config="permissions")
def test_auth_required_is_true_where_a_user_is_asked_for(nats: Nats) -> None:
    assert nats.connect().info.get("auth_required") is True


@case("INFO-007", config="no-auth-user")
def test_auth_required_is_hidden_in_the_greeting_by_a_no_auth_user(nats: Nats) -> None:
    assert not nats.connect().info.get("auth_required")


@case("INFO-010")
def test_jetstream_is_announced_exactly_when_it_answers(nats: Nats) -> None:
    c = nats.client(headers=True, no_responders=True)
    answered = ask_jetstream(nats, c) is not None
    assert bool(c.info.get("jetstream")) is answered


@case("INFO-010", "INFO-011", deliveries=False)
def test_an_enabled_jetstream_is_announced_with_its_domain_and_level(nats: Nats) -> None:
    try:
        server = nats.start(text='jetstream { store_dir: "store", domain: "hub" }\n')
    except Unreachable as error:
        nats.not_applicable(f"the target does not run JetStream: {error}")
    c = server.client(headers=True, no_responders=True)
    answer = ask_jetstream(nats, c)
    if answer is None and not c.info.get("jetstream"):
        nats.not_applicable("the target has no JetStream")
    assert answer is not None, "a server that announces JetStream answers its API"
    assert c.info.get("jetstream") is True
    assert c.info.get("domain") == "hub"
    if nats.release >= (2, 12):
        assert c.info.get("api_lvl") == answer["api"]["level"], "the level is that of the API"


@case("INFO-011")
def test_api_level_is_a_positive_integer(nats: Nats) -> None:
    level = nats.connect().info.get("api_lvl")
    assert type(level) is int
    assert level >= 1


@case("INFO-012")
def test_xkey_is_a_public_curve_key(nats: Nats) -> None:
    xkey = nats.connect().info.get("xkey")
    assert isinstance(xkey, str)
    assert re.fullmatch("X[A-Z2-7]{55}", xkey)


@case("INFO-013")
def test_git_commit_names_a_commit_if_it_is_there(nats: Nats) -> None:
    commit = nats.connect().info.get("git_commit")
    if commit is None:
        nats.not_applicable("the target does not say what it was built from")
    assert isinstance(commit, str)
    assert re.fullmatch("[0-9a-f]{7,40}", commit)


@case("INFO-017", deliveries=False)
def test_client_advertise_replaces_host_and_port_now_and_after_a_reload(nats: Nats) -> None:
    server = nats.start(text='client_advertise: "nats.example.net:7777"\n')
    own_host, own_port = server.address

    def announced() -> tuple[str, int]:
        info = server.connect().info
        return info["host"], info["port"]

    assert announced() == ("nats.example.net", 7777)
    server.reload('client_advertise: "other.example.net"\n')
    assert announced() == ("other.example.net", own_port), "without a port, the server's own"
    server.reload("")
    assert announced() == (own_host, own_port)


@case("INFO-019")
def test_pong_then_info_answer_the_first_ping_after_connect(nats: Nats) -> None:
    c = nats.connect(auto_info=False)
    c.send('PING\r\nCONNECT {"verbose":false,"protocol":1}\r\n')
    assert c.next() == Pong(), "a PING before CONNECT is only answered"
    c.send("PING\r\n")
    assert c.next() == Pong()
    info = c.next()
    assert isinstance(info, Info)
    assert info.fields.get("connect_info") is True
    assert isinstance(info.fields.get("remote_account"), str)
    assert info.fields["remote_account"]
    lost = [name for name in c.info if name not in info.fields]
    assert not lost, "it says again all that the greeting said"
    assert info.fields["client_id"] == c.info["client_id"]
    c.expect_nothing()


@case("INFO-019")
def test_a_client_with_protocol_0_gets_no_second_info(nats: Nats) -> None:
    for options in ({}, {"protocol": 0}, {"protocol": None}):
        c = nats.client(**options)
        assert later_infos(c) == []


@case("INFO-019")
def test_a_second_connect_brings_no_second_answer(nats: Nats) -> None:
    c = nats.client(protocol=1)
    c.expect_info()
    c.send('CONNECT {"protocol":1}\r\n')
    assert len(later_infos(c)) == 1


@case("INFO-022", "INFO-007", config="no-auth-user", private=True)
def test_lame_duck_is_announced_to_clients_with_protocol_1(nats: Nats) -> None:
    listening = [nats.client(protocol=1) for _ in range(2)]
    deaf = [nats.client(protocol=0), nats.client(), nats.connect()]
    without_ping = nats.connect()
    without_ping.send('CONNECT {"protocol":1}\r\n')
    without_ping.expect("+OK\r\n")
    nats.server.signal("ldm")
    for c in listening:
        info = until_lame_duck(c)
        assert info["client_id"] == c.info["client_id"]
        assert info.get("auth_required") is True, "now it says that there are users"
    for c in (*deaf, without_ping):
        assert not [info for info in later_infos(c) if info.get("ldm")]


@case("INFO-023", deliveries=False)
def test_a_reload_is_not_announced_to_connected_clients(nats: Nats) -> None:
    server = nats.start(text="max_payload: 1000\n")
    c = server.client(protocol=1)
    before = len(later_infos(c))
    server.reload('max_payload: 2000\nclient_advertise: "nats.example.net:7777"\n')
    fresh = server.connect().info
    if (fresh["max_payload"], fresh["host"]) != (2000, "nats.example.net"):
        raise Mismatch("the reload took no effect", "max_payload 2000", str(fresh))
    assert len(later_infos(c)) == before


@case("INFO-025", config="no-headers")
def test_no_header_support_is_announced_and_meant(nats: Nats) -> None:
    c, other = nats.client(headers=True), nats.client(headers=True)
    assert c.info["headers"] is False
    foo = nats.name("foo")
    other.send(f"SUB {foo} 1\r\n")
    other.flush()
    c.send(f"HPUB {foo} 12 14\r\nNATS/1.0\r\n\r\nhi\r\n")
    c.expect_closed()
    other.expect_nothing()


@case("INFO-025")
def test_headers_are_announced_and_meant(nats: Nats) -> None:
    c = nats.client(headers=True)
    assert c.info["headers"] is True
    foo = nats.name("foo")
    c.send(f"SUB {foo} 1\r\nHPUB {foo} 12 14\r\nNATS/1.0\r\n\r\nhi\r\n")
    c.expect(f"HMSG {foo} 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n")
