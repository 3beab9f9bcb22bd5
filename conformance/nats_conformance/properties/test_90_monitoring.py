"""Each operation of the monitoring port against the OpenAPI document, by Schemathesis (MON-*).

The server has something to tell: a named client with subscriptions, one that has gone, a
stream with a consumer. One case for an operation, so that a failure says which.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, property_case
from nats_conformance.monitoring.conforming import conform

JETSTREAM = "monitoring-jetstream"


def with_clients(nats: Nats, path: str) -> None:
    """Judge `path` while somebody is connected, and somebody has gone."""
    client = nats.client(name=nats.name(), lang="python", version="1")
    foo = nats.name("foo")
    client.send(f"SUB {foo}.* 1\r\nSUB {foo}.> q 2\r\nUNSUB 2 9\r\nPUB {foo}.a 2\r\nhi\r\n")
    client.flush()
    nats.client().close()
    conform(nats, path)


def with_streams(nats: Nats, path: str) -> None:
    """Judge `path` while there is a stream with a consumer, if there can be any."""
    if nats.info.get("jetstream"):
        js = nats.jetstream()
        stream = js.create(subjects=[subject := nats.name()])
        js.publish(subject, "hello")
        js.consumer(stream, nats.name(), ack_policy="explicit")
    conform(nats, path)


@property_case("MON-GEN-010", config="monitoring")
def test_index(nats: Nats) -> None:
    conform(nats, "/")


@property_case("MON-VARZ-001", "MON-VARZ-002", "MON-VARZ-006", config=JETSTREAM)
def test_varz(nats: Nats) -> None:
    with_clients(nats, "/varz")


@property_case("MON-CONNZ-001", "MON-CONNZ-002", "MON-GEN-006", config=JETSTREAM)
def test_connz(nats: Nats) -> None:
    with_clients(nats, "/connz")


@property_case("MON-SUBSZ-001", "MON-GEN-006", config=JETSTREAM)
def test_subsz(nats: Nats) -> None:
    with_clients(nats, "/subsz")


@property_case("MON-SUBSZ-001", "MON-GEN-006", config=JETSTREAM)
def test_subscriptionsz(nats: Nats) -> None:
    with_clients(nats, "/subscriptionsz")


@property_case("MON-ROUTE-001", "MON-GEN-006", config="monitoring")
def test_routez(nats: Nats) -> None:
    conform(nats, "/routez")


@property_case("MON-GW-001", "MON-GEN-006", config="monitoring")
def test_gatewayz(nats: Nats) -> None:
    conform(nats, "/gatewayz")


@property_case("MON-LEAF-001", "MON-GEN-006", config="monitoring")
def test_leafz(nats: Nats) -> None:
    conform(nats, "/leafz")


@property_case("MON-ACC-001", config=JETSTREAM)
def test_accountz(nats: Nats) -> None:
    conform(nats, "/accountz")


@property_case("MON-ACC-003", "MON-GEN-006", config=JETSTREAM)
def test_accstatz(nats: Nats) -> None:
    with_clients(nats, "/accstatz")


@property_case("MON-JSZ-002", "MON-GEN-006", config=JETSTREAM)
def test_jsz(nats: Nats) -> None:
    with_streams(nats, "/jsz")


@property_case("MON-HEALTH-002", "MON-GEN-006", config=JETSTREAM)
def test_healthz(nats: Nats) -> None:
    with_streams(nats, "/healthz")


@property_case("MON-MISC-002", "MON-GEN-006", config=JETSTREAM)
def test_ipqueuesz(nats: Nats) -> None:
    conform(nats, "/ipqueuesz")


@property_case("MON-MISC-001", config=JETSTREAM)
def test_raftz(nats: Nats) -> None:
    conform(nats, "/raftz")


@property_case("MON-MISC-003", config="monitoring")
def test_stacksz(nats: Nats) -> None:
    conform(nats, "/stacksz")


@property_case("MON-MISC-004", config="monitoring")
def test_expvar(nats: Nats) -> None:
    conform(nats, "/debug/vars")
