"""The monitoring port itself, and the server in numbers (MON-GEN-*, MON-VARZ-*).

What the OpenAPI document says of each operation is checked by
`properties/test_90_monitoring.py`; here stands what it can't say.
"""

from __future__ import annotations

import re

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.monitoring.wellness import well
from nats_conformance.polling import until
from nats_spec import monitoring

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
#: Answers of JSON and nothing else.
DOCUMENTS = (
    "/varz",
    "/connz",
    "/subsz",
    "/subscriptionsz",
    "/routez",
    "/gatewayz",
    "/leafz",
    "/accountz",
    "/accstatz",
    "/jsz",
    "/healthz",
    "/ipqueuesz",
)
#: What these counters are, of a release that has them.
CONFIGURED = (
    "server_id server_name version proto go host port max_connections ping_interval ping_max"
    " http_host http_port http_base_path https_port auth_timeout max_control_line max_payload"
    " max_pending write_deadline tls_timeout cluster gateway leaf mqtt websocket jetstream"
)


@case("MON-GEN-001", config="monitoring", deliveries=False)
def test_every_endpoint_is_there(nats: Nats) -> None:
    for each in monitoring.endpoints():
        if not each.since:
            answer = well(nats, each.path)
            assert str(answer.status) in each.statuses, each.path
            assert answer.text != "404 page not found\n", each.path


@case("MON-GEN-002", config="monitoring", deliveries=False)
def test_expvarz_is_not_there(nats: Nats) -> None:
    assert nats.ask("/expvarz").status == 404


@case("MON-GEN-003", config="monitoring", deliveries=False)
def test_json_is_labelled_and_for_everybody(nats: Nats) -> None:
    for path in DOCUMENTS:
        answer = well(nats, path)
        assert (answer.status, answer.type) == (200, JSON), path
        assert answer.headers.get("access-control-allow-origin") == "*", path
        answer.json()


@case("MON-GEN-004", config="monitoring", deliveries=False)
def test_other_paths_are_not_found(nats: Nats) -> None:
    for path in ("/nope", "/varz/", "/connz/1", "/VARZ", "/varzz", "/healthz/"):
        answer = nats.ask(path)
        assert (answer.status, answer.type) == (404, TEXT), path
        assert answer.text == "404 page not found\n"


@case("MON-GEN-005", config="monitoring", deliveries=False)
def test_methods_are_all_the_same(nats: Nats) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = nats.ask("/varz", method)
        assert (answer.status, answer.type) == (200, JSON), method
        assert "server_id" in answer.json()
    answer = nats.ask("/varz", "HEAD")
    assert (answer.status, answer.type, answer.body) == (200, JSON, b"")


@case("MON-GEN-006", config="monitoring", deliveries=False)
def test_parameters_that_cannot_be_read_are_refused(nats: Nats) -> None:
    wrong = {
        "boolean": ["/connz?auth=x", "/connz?subs=yes", "/subsz?subs=2", "/routez?subs=tRUE"],
        "int": ["/connz?limit=x", "/connz?offset=1.5", "/subsz?limit=0x1", "/jsz?offset=1_0"],
        "uint64": ["/connz?cid=x", "/connz?cid=-1", "/connz?cid=99999999999999999999"],
    }
    wrong["boolean"] += ["/leafz?subs=x", "/gatewayz?accs=x", "/accstatz?unused=x"]
    wrong["boolean"] += ["/jsz?streams=x", "/healthz?details=x", "/ipqueuesz?all=x"]
    for kind, paths in wrong.items():
        for path in paths:
            name = path.partition("?")[2].partition("=")[0]
            answer = nats.ask(path)
            assert (answer.status, answer.type) == (400, TEXT), path
            assert answer.text.startswith(f"Error decoding {kind} for '{name}': "), path


@case("MON-GEN-006", config="monitoring", deliveries=False)
def test_parameters_are_read_as_go_reads_them(nats: Nats) -> None:
    for word in (
        "1",
        "t",
        "T",
        "true",
        "TRUE",
        "True",
        "0",
        "f",
        "F",
        "false",
        "FALSE",
        "False",
        "",
    ):
        assert nats.ask(f"/connz?auth={word}").status == 200, word
    for number in ("%2B1", "007", "-1", ""):
        assert nats.ask(f"/connz?limit={number}&offset={number}").status == 200, number


@case("MON-GEN-007", config="monitoring", deliveries=False)
def test_a_callback_is_not_called(nats: Nats) -> None:
    answer = nats.ask("/varz?callback=cb")
    assert answer.type == JSON
    assert answer.body.startswith(b"{")


@case("MON-GEN-008", config="monitoring-base", deliveries=False)
def test_a_base_path_is_in_front_of_all(nats: Nats) -> None:
    root = nats.ask("/nats")
    assert (root.status, root.type) == (200, "text/html; charset=utf-8")
    assert nats.monitor("/nats/varz")["http_base_path"] == "/nats"
    assert well(nats, "/nats/healthz").status == 200
    for path in ("/", "/varz", "/healthz", "/nats/", "/nats/nats/varz"):
        assert nats.ask(path).status == 404, path


@case("MON-GEN-009", config="monitoring-jetstream", deliveries=False)
def test_json_is_indented(nats: Nats) -> None:
    for path in ("/varz", "/connz", "/subsz", "/accountz", "/jsz"):
        lines = nats.ask(path).text.split("\n")
        assert lines[0] == "{" and lines[-1] == "}", path  # noqa: PT018
        assert re.match(r'  "\w', lines[1]), path
    assert well(nats, "/healthz").text == '{"status":"ok"}'
    assert re.match(r'\{\n   "', nats.ask("/ipqueuesz?all=1").text)


@case("MON-GEN-010", config="monitoring", deliveries=False)
def test_the_root_is_a_page_of_links(nats: Nats) -> None:
    page = nats.ask("/")
    assert (page.status, page.type) == (200, "text/html; charset=utf-8")
    for path in ("/varz", "/connz", "/subsz", "/routez", "/healthz"):
        assert path in page.text


@case("MON-GEN-011", config="monitoring-base", deliveries=False)
def test_port_minus_one_is_any_free_one(nats: Nats) -> None:
    shown = nats.monitor("/nats/varz")
    assert nats.server.monitoring.startswith("http://")
    assert (shown["http_port"], shown["https_port"]) == (-1, 0)


@case("MON-VARZ-001", config="monitoring", deliveries=False)
def test_varz_shows_the_configuration(nats: Nats) -> None:
    shown, info = nats.monitor("/varz"), nats.info
    assert [name for name in CONFIGURED.split() if name not in shown] == []
    for name in ("server_id", "server_name", "version", "proto", "go", "max_payload", "git_commit"):
        assert shown.get(name) == info.get(name), name
    for name in ("cluster", "gateway", "leaf", "mqtt", "websocket"):
        assert isinstance(shown[name], dict), name


@case("MON-VARZ-002", config="monitoring", deliveries=False)
def test_varz_has_every_counter(nats: Nats) -> None:
    always, known = monitoring.members("Varz", nats.release)
    # Those of earlier cases may still be leaving.
    before = until(lambda: nats.monitor("/varz"), lambda v: not v["connections"], nats.patience)
    assert sorted(always - before.keys()) == []
    if nats.release < (999,):
        assert sorted(before.keys() - known) == []
    client = nats.client()
    client.send(f"SUB {nats.name()} 1\r\n")
    client.flush()
    after = nats.monitor("/varz")
    # Of the others, those who are leaving may still be counted.
    assert after["total_connections"] > before["total_connections"]
    assert after["connections"] > 0
    assert after["subscriptions"] > 0
    assert after["start"] == before["start"]
    assert after["now"] > before["now"]


@case("MON-VARZ-003", config="monitoring", deliveries=False)
def test_messages_are_counted_without_their_protocol(nats: Nats) -> None:
    foo = nats.name("foo")
    publisher, one, two = (nats.client(headers=True) for _ in range(3))
    for receiver in (one, two):
        receiver.send(f"SUB {foo} 1\r\n")
    nats.flush_all()
    before = nats.monitor("/varz")
    header = "NATS/1.0\r\na: b\r\n\r\n"
    publisher.send(f"PUB {foo} 5\r\nhello\r\nPUB {foo} 0\r\n\r\n")
    publisher.send(f"HPUB {foo} {len(header)} {len(header) + 2}\r\n{header}hi\r\n")
    nats.flush_all()
    after = nats.monitor("/varz")
    size = 5 + len(header) + 2
    wanted = {"in_msgs": 3, "in_bytes": size, "out_msgs": 6, "out_bytes": 2 * size}
    assert {name: after[name] - before[name] for name in wanted} == wanted


@case("MON-VARZ-004", config="monitoring", deliveries=False)
def test_requests_are_counted(nats: Nats) -> None:
    before = nats.monitor("/varz")["http_req_stats"]
    asked = {"/connz": 2, "/subsz": 1, "/subscriptionsz": 2, "/healthz": 1, "/": 1, "/jsz": 1}
    for path, times in asked.items():
        for _ in range(times):
            nats.ask(path)
    after = nats.monitor("/varz")["http_req_stats"]
    grown = {path: times - before.get(path, 0) for path, times in after.items()}
    wanted = {"/varz": 1, "/connz": 2, "/subsz": 3, "/healthz": 1, "/": 1, "/jsz": 1}
    assert {path: grown.get(path, 0) for path in wanted} == wanted
    assert "/subscriptionsz" not in after


@case("MON-VARZ-005", config="monitoring", deliveries=False)
def test_uptimes_are_words(nats: Nats) -> None:
    pattern = monitoring.document()["components"]["schemas"]["Uptime"]["pattern"]
    client = nats.client()
    shown = nats.monitor("/varz")["uptime"]
    entry = nats.monitor(f"/connz?cid={client.info['client_id']}")["connections"][0]
    for found in (shown, entry["uptime"], entry["idle"]):
        if not re.fullmatch(pattern, found):
            raise Mismatch("this is no uptime", "as 1d2h3m4s", found)
