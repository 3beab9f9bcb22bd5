"""/healthz and /jsz: whether the server is well, and what its streams are (MON-HEALTH-*, MON-JSZ-*)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from nats_conformance.cases import Nats, case
from nats_conformance.monitoring.wellness import well
from nats_conformance.polling import until
from nats_spec import monitoring

if TYPE_CHECKING:
    from nats_conformance.targets.monitoring import Answer

GLOBAL = "$G"
#: Of creating and deleting a stream twice: what goes wrong, goes wrong about every second time.
ROUNDS = 20
#: Seconds that the store may need to be rid of deleted streams.
PATIENCE = 2.0


def health(nats: Nats, **parameters: str) -> Answer:
    """How it is; `_` stands for `-` in the names of parameters."""
    query = urlencode({name.replace("_", "-"): value for name, value in parameters.items()})
    path = f"/healthz?{query}" if query else "/healthz"
    return well(nats, path)


@case("MON-HEALTH-001", config="monitoring-jetstream", deliveries=False)
def test_a_healthy_server_is_ok(nats: Nats) -> None:
    answer = health(nats)
    assert (answer.status, answer.text) == (200, '{"status":"ok"}')


@case("MON-HEALTH-007", config="monitoring-jetstream", deliveries=False, private=True)
def test_what_is_deleted_is_not_missed(nats: Nats) -> None:
    js = nats.jetstream()
    for name in [js.name("S") for _ in range(ROUNDS)]:
        for _ in range(2):
            js.created(name, subjects=[name], storage="file")
            js.publish(name, "x")
            js.request(f"STREAM.DELETE.{name}")
    # What is under way in the background has its time, and what stays after it stays.
    answer = until(lambda: health(nats), lambda found: found.status == 200, PATIENCE)
    assert (answer.status, answer.text) == (200, '{"status":"ok"}')


@case("MON-HEALTH-002", config="monitoring-jetstream", deliveries=False)
def test_what_to_look_at(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=[nats.name()], storage="file")
    consumer = js.consumer(stream, nats.name(), ack_policy="explicit").name
    for name in ("js_enabled_only", "js_enabled", "js_server_only", "details"):
        answer = health(nats, **{name: "1"})
        assert (answer.status, answer.json()) == (200, {"status": "ok"}), name
    assert health(nats, account=GLOBAL).status == 200
    assert health(nats, account=GLOBAL, stream=stream).status == 200
    assert health(nats, account=GLOBAL, stream=stream, consumer=consumer).status == 200
    for name in ("js_enabled_only", "js_enabled"):
        assert health(nats, account="NOBODY", **{name: "1"}).status == 200, name
    assert health(nats, account="NOBODY").status == 404


@case("MON-HEALTH-006", config="monitoring-jetstream", deliveries=False)
def test_nothing_of_jetstream_is_looked_at(nats: Nats) -> None:
    assert health(nats, js_server_only="1").status == 200
    assert health(nats, js_server_only="1", account="NOBODY").status == 200


@case("MON-HEALTH-003", config="monitoring-jetstream", deliveries=False)
def test_what_is_not_there_is_not_well(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=[nats.name()], storage="file")
    lacking = {
        "account": health(nats, stream=stream),
        "stream": health(nats, account=GLOBAL, consumer="c"),
    }
    for name, kind in (("account", "stream"), ("stream", "consumer")):
        assert lacking[name].status == 400
        error = f'"{name}" must not be empty when checking {kind} health'
        assert lacking[name].json() == {"status": "error", "error": error}
    missing = {
        'account "NOBODY" not found': health(nats, account="NOBODY"),
        'stream "nothing" not found on account "$G"': health(
            nats, account=GLOBAL, stream="nothing"
        ),
        f'consumer "nobody" not found for stream "{stream}" on account "$G"': health(
            nats, account=GLOBAL, stream=stream, consumer="nobody"
        ),
    }
    for text, answer in missing.items():
        assert (answer.status, answer.type) == (404, "application/json")
        assert answer.json() == {"status": "unavailable", "error": f"JetStream {text}"}


@case("MON-HEALTH-003", config="monitoring", deliveries=False)
def test_without_jetstream_there_is_nothing_to_miss(nats: Nats) -> None:
    if not nats.monitor("/jsz").get("disabled"):
        nats.not_applicable("this server has JetStream")
    assert health(nats, account="NOBODY").json() == {"status": "ok"}
    assert health(nats, account="NOBODY", stream="s", consumer="c").status == 200
    assert health(nats, stream="s").status == 400


@case("MON-HEALTH-004", config="monitoring-jetstream", deliveries=False)
def test_details_are_a_list(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=[nats.name()], storage="file")
    known = {"account": GLOBAL, "stream": stream}
    asked: dict[str, tuple[int, dict[str, str]]] = {
        "BAD_REQUEST": (400, {"stream": stream}),
        "ACCOUNT": (404, {"account": "NOBODY"}),
        "STREAM": (404, {"account": GLOBAL, "stream": "nothing"}),
        "CONSUMER": (404, {**known, "consumer": "nobody"}),
    }
    for kind, (status, parameters) in asked.items():
        answer = health(nats, details="1", **parameters)
        shown = answer.json()
        assert answer.status == status
        assert shown.keys() == {"status", "errors"}
        assert shown["status"] == "error"
        (error,) = shown["errors"]
        named = {} if kind == "BAD_REQUEST" else parameters
        assert error == {"type": kind, **named, "error": error["error"]}


@case("MON-HEALTH-005", config="monitoring-jetstream", private=True)
def test_a_stream_that_cannot_be_recovered_is_told(nats: Nats) -> None:
    folder = nats.server.store / "jetstream" / GLOBAL / "streams"
    nats.jetstream().create(subjects=[nats.name()], storage="file")
    assert health(nats).status == 200
    (folder / "lost").mkdir(parents=True)
    answer = until(lambda: health(nats), lambda found: found.status != 200, nats.patience)
    text = "JetStream stream '$G > lost' could not be recovered"
    assert (answer.status, answer.json()) == (503, {"status": "unavailable", "error": text})
    shown = health(nats, details="1").json()
    error = {"type": "STREAM", "account": GLOBAL, "stream": "lost", "error": text}
    assert shown == {"status": "error", "errors": [error]}
    assert health(nats, js_enabled_only="1").status == 200


@case("MON-JSZ-001", config="monitoring", deliveries=False)
def test_jetstream_that_is_off(nats: Nats) -> None:
    for query in ("", "?streams=1&consumers=1", "?acc=NOBODY"):
        answer = nats.ask(f"/jsz{query}")
        assert answer.status == 200
        shown = answer.json()
        if nats.info.get("jetstream"):
            nats.not_applicable("this server has JetStream")
        always, known = monitoring.members("Jsz", nats.release)
        assert shown["disabled"] is True
        assert always <= shown.keys() <= known
        assert "account_details" not in shown
        assert (shown["streams"], shown["consumers"], shown["messages"]) == (0, 0, 0)


def only(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one of that name."""
    (one,) = (each for each in found if each["name"] == name)
    return one


@case("MON-JSZ-002", config="monitoring-jetstream", deliveries=False)
def test_jetstream_in_detail(nats: Nats) -> None:
    js = nats.jetstream()
    before = nats.monitor("/jsz")
    assert "disabled" not in before
    stream = js.create(subjects=[subject := nats.name()])
    js.publish(subject, "hello")
    consumer = js.consumer(stream, nats.name(), ack_policy="explicit").name
    after = nats.monitor("/jsz")
    assert "account_details" not in after
    for name in ("streams", "consumers", "messages"):
        assert after[name] - before[name] == 1, name
    for query, wanted in (
        ("accounts=1", set()),
        ("streams=1", {"name", "created", "state"}),
        ("streams=1&config=1", {"name", "created", "state", "config"}),
        ("consumers=1", {"name", "created", "state", "consumer_detail"}),
        ("acc=$G&consumers=1", {"name", "created", "state", "consumer_detail"}),
    ):
        account = only(nats.monitor(f"/jsz?{query}")["account_details"], GLOBAL)
        streams = account.get("stream_detail", [])
        assert bool(streams) is bool(wanted), query
        if not wanted:
            continue
        shown = only(streams, stream)
        assert shown.keys() - {"cluster"} == wanted, query
        assert shown["state"]["messages"] == 1
        if "consumer_detail" in wanted:
            assert [each["name"] for each in shown["consumer_detail"]] == [consumer]
            assert "config" not in shown["consumer_detail"][0]
    both = nats.monitor("/jsz?consumers=1&config=1")
    shown = only(only(both["account_details"], GLOBAL)["stream_detail"], stream)
    assert shown["config"]["subjects"] == [subject]
    assert shown["consumer_detail"][0]["config"]["ack_policy"] == "explicit"


@case("MON-JSZ-002", config="monitoring-accounts", deliveries=False)
def test_accounts_with_streams_come_in_pages(nats: Nats) -> None:
    assert [each["name"] for each in nats.monitor("/jsz?accounts=1")["account_details"]] == ["ONE"]
    assert "account_details" not in nats.monitor("/jsz?accounts=1&offset=5")
    assert "account_details" not in nats.monitor("/jsz?acc=TWO")
    assert nats.monitor("/jsz?leader-only=1").keys() >= {"config", "streams"}


@case("MON-JSZ-004", config="monitoring-accounts", deliveries=False)
def test_a_negative_limit_of_accounts_is_none(nats: Nats) -> None:
    for query in ("limit=-1", "limit=-5&offset=0", "offset=-5"):
        shown = nats.monitor(f"/jsz?accounts=1&{query}").get("account_details", [])
        assert [each["name"] for each in shown] == ["ONE"], query


@case("MON-JSZ-003", config="monitoring", deliveries=False)
def test_without_jetstream_nobody_leads(nats: Nats) -> None:
    if nats.info.get("jetstream"):
        nats.not_applicable("this server has JetStream")
    answer = nats.ask("/jsz?leader-only=1")
    assert (answer.status, answer.text) == (400, "filtered response: not leader")
