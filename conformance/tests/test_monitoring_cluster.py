"""The OpenAPI document holds for servers that know others: a cluster, gateways, a leaf node."""

import contextlib
import json
import subprocess
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nats_conformance.delivery import Delivery
from nats_conformance.exchange import Exchange
from nats_conformance.expect import Mismatch
from nats_conformance.polling import until
from nats_conformance.server import Server
from nats_conformance.targets import resolve
from nats_conformance.targets.instance import _free_port as free_port
from nats_conformance.targets.monitoring import ask
from nats_conformance.transcript import Transcript
from nats_spec import monitoring

#: Seconds until a cluster has found itself, on a busy machine.
PATIENCE = 90
COMMON = """
server_name: {name}
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
server_tags: ["a:b"]
accounts {{
  ONE {{
    {account}users: [{{user: one, password: pw}}]
    exports: [{{service: svc.x}}, {{stream: str.>}}], mappings: {{foo: bar}}
  }}
  TWO {{
    users: [{{user: two, password: pw}}]
    imports: [
      {{service: {{account: ONE, subject: svc.x}}}}
      {{stream: {{account: ONE, subject: str.>}}, prefix: p}}
    ]
  }}
  SYS {{ users: [{{user: sys, password: pw}}] }}
}}
system_account: SYS
no_auth_user: one
"""
STREAMS = 'jetstream {{ store_dir: "{store}"{more} }}\n'
CLUSTER = 'cluster {{ name: c1, listen: "127.0.0.1:{own}", routes: [{routes}] }}\n'
GATEWAY = 'gateway {{ name: {name}, listen: "127.0.0.1:{own}", gateways: [{others}] }}\n'
DOORS = """
leafnodes {{ listen: "127.0.0.1:{leaf}" }}
websocket {{ listen: "127.0.0.1:{websocket}", no_tls: true }}
mqtt {{ listen: "127.0.0.1:{mqtt}" }}
"""
LEAF = 'leafnodes {{ remotes: [{{url: "nats://one:pw@127.0.0.1:{leaf}", account: ONE}}] }}\n'
QUERIES = (
    "",
    "?subs=1&accs=1",
    "?subs=detail&accs=1",
    "?gw_name=nobody",
    "?acc=ONE",
    "?acc=TWO",
    "?acc=SYS",
    "?auth=1&subs=detail&state=all",
    "?unused=1",
    "?streams=1&consumers=1&config=1&raft=1&direct-consumers=1",
    "?details=1&account=ONE&stream=S&consumer=C",
    "?all=1",
)


def configurations(folder):
    """Two servers of a cluster, one behind a gateway, one as a leaf; and where each is found."""
    kinds = ("client", "monitor", "route", "gateway", "leaf", "websocket", "mqtt")
    ports = {name: {kind: free_port() for kind in kinds} for name in "ABCD"}
    routes = ", ".join(f'"nats://127.0.0.1:{ports[name]["route"]}"' for name in "AB")
    others = ", ".join(
        f'{{name: {name}, urls: ["nats://127.0.0.1:{ports[at]["gateway"]}"]}}'
        for name, at in (("c1", "A"), ("c2", "C"))
    )
    texts = {}
    for name, own in ports.items():
        account = "" if name == "C" else "jetstream: enabled, "
        text = COMMON.format(name=name, account=account, **own)
        if name != "C":
            more = ", domain: leaf" if name == "D" else ""
            text += STREAMS.format(store=folder / name, more=more)
        if name in "AB":
            text += CLUSTER.format(own=own["route"], routes=routes)
        if name in "ABC":
            cluster = "c2" if name == "C" else "c1"
            text += GATEWAY.format(name=cluster, own=own["gateway"], others=others)
        texts[name] = text
    texts["A"] += DOORS.format(**ports["A"])
    texts["D"] += LEAF.format(leaf=ports["A"]["leaf"])
    return texts, ports


@pytest.fixture
def servers(tmp_path):
    """Their monitoring ports, once they know one another, with a little load."""
    texts, ports = configurations(tmp_path)
    program = resolve("nats-server").command[0]
    urls = {name: f"http://127.0.0.1:{own['monitor']}" for name, own in ports.items()}
    with contextlib.ExitStack() as stack:
        for name, text in texts.items():
            (tmp_path / f"{name}.conf").write_text(text, encoding="utf-8")
            log = stack.enter_context((tmp_path / f"{name}.log").open("wb"))
            command = [program, "-c", str(tmp_path / f"{name}.conf")]
            process = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
            stack.callback(process.kill)
        until(lambda: together(urls["A"]), bool, PATIENCE)
        exchange = Exchange(Transcript(), Delivery.WHOLE, 10, 1e12)
        for name in "ACD":
            running = SimpleNamespace(address=("127.0.0.1", ports[name]["client"]))
            client = Server(exchange, running, {}).client(name=name, headers=True)
            client.send("SUB foo.> team 1\r\nSUB in 2\r\nPUB foo.a 1\r\nx\r\n")
            if name == "A":
                text = '{"name":"S","subjects":["s"],"num_replicas":2}'
                client.send(f"PUB $JS.API.STREAM.CREATE.S in {len(text)}\r\n{text}\r\n")
                client.next()
            client.flush()
        yield urls
        for wire in exchange.wires:
            wire.close()


def together(url):
    """Whether the first has found all others."""
    try:
        found = [ask(url, f"/{name}z", 2).json() for name in ("route", "leaf", "gateway")]
        healthy = ask(url, "/healthz", 2).status == 200
    except Mismatch:
        return False
    return (
        healthy
        and found[0]["num_routes"]
        and found[1]["leafnodes"]
        and found[2]["outbound_gateways"]
    )


def test_the_document_holds_among_others(servers):
    release = tuple(map(int, ask(servers["A"], "/varz", 5).json()["version"].split(".")))
    document = json.loads(
        json.dumps(monitoring.document(release)).replace('"#/components', '"urn:all#/components')
    )
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:all", resource)
    wrong = []
    for name, url in servers.items():
        for path, described in document["paths"].items():
            for query in QUERIES:
                answer = ask(url, path + query, 10)
                said = described["get"]["responses"].get(str(answer.status))
                if said and "$ref" in said:
                    said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
                if not said or answer.type not in said["content"]:
                    wrong.append(f"{name} {answer.path}: {answer}")
                    continue
                schema = said["content"][answer.type].get("schema")
                if schema and "json" in answer.type:
                    validator = Draft202012Validator(schema, registry=registry)
                    wrong += [
                        f"{name} {answer.path} {fault.json_path}: {fault.message}"
                        for fault in validator.iter_errors(answer.json())
                    ]
    assert wrong == []
    assert ask(servers["A"], "/raftz", 5).status == 200
    assert ask(servers["A"], "/routez", 5).json()["num_routes"] > 0
