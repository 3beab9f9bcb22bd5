"""A file that is read again: all of it or nothing, by option, and who may stay (SIG-002, REL-*).

What INFO, subscriptions and -ERR have to do with it is said in the chapters 20 and 60.
"""

from __future__ import annotations

import re
from datetime import datetime

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_conformance.targets.configs import MONITORING
from nats_spec import configuration
from nats_spec.operations import Err

ACCOUNTS = """accounts {{
  A {{ users: [{{user: a, password: {a}}}, {{user: b, password: pw, permissions: {b}}}] }}
  {more}
}}
"""
B = "B { users: [{user: c, password: pw}] }"


def accounts(a: str = "pw", b: str = "{}", more: str = B) -> str:
    """A configuration with these users."""
    return MONITORING + ACCOUNTS.format(a=a, b=b, more=more)


def moment(text: str) -> datetime:
    """A time of day in JSON."""
    return datetime.fromisoformat(text)


def served(connection: Connection) -> None:
    """The connection is still served."""
    connection.flush()


@case("REL-001", "REL-002", "CONF-SYN-014", private=True)
def test_a_reload_is_all_or_nothing(nats: Nats) -> None:
    text = 'listen: "127.0.0.1:-1"\nmax_payload: 1000\n' + MONITORING
    server = nats.start(text=text, bare=True)
    client = server.client()
    before = server.address
    for change in ("port: [\n", "nope: 1\n", "max_payload: abc\n", "server_name: other\n"):
        line = server.reread(text.replace("1000", "2000") + change)
        assert "Failed to reload" in line, line
        served(client)
        assert server.connect().info["max_payload"] == 1000
    line = server.reread(text.replace("127.0.0.1:-1", "127.0.0.1:4333", 1))
    assert "config reload not supported for Port" in line, line
    assert server.connect().info["port"] == before[1]
    server.reload(text.replace("1000", "2000"))
    served(client)
    assert server.connect().info["max_payload"] == 2000


@case("REL-002", "REL-006", private=True)
def test_each_option_is_taken_or_refused_by_name(nats: Nats) -> None:
    server = nats.start(text="server_name: first\n")
    client = server.client()
    for option in configuration.options():
        if option.reload is None or not option.example or option.name in OVERRULED:
            continue
        line = server.reread(f"server_name: first\n{option.name}: {option.example}\n")
        if "server.conf:" in line:
            continue  # the server has no such option
        if not option.reload and "config reload not supported for" not in line:
            raise Mismatch(f"{option.name} is reloaded", "config reload not supported for …", line)
        if option.reload and "Failed" in line:
            raise Mismatch(f"{option.name} is not reloaded", "it is", line)
    served(client)


#: Flags of the runner overrule these, or they are about more than themselves.
OVERRULED = frozenset({
    *("listen", "host", "port", "log_file", "ports_file_dir", "pid_file"),
    *("authorization", "no_auth_user", "store_dir", "jetstream", "system_account"),
})  # fmt: skip


@case("REL-006", "REL-007", private=True)
def test_what_is_reloaded_holds_at_once(nats: Nats) -> None:
    server = nats.start(text=MONITORING)
    client = server.client()
    before = server.monitor("/varz")
    server.reload(
        f"{MONITORING}max_payload: 10\nmax_control_line: 1k\nmax_connections: 50\n"
        'ping_interval: "50s"\nping_max: 7\nwrite_deadline: "3s"\n'
    )
    varz = server.monitor("/varz")
    expected = {
        "max_payload": 10,
        "max_control_line": 1000,
        "max_connections": 50,
        "ping_interval": 50 * 10**9,
        "ping_max": 7,
        "write_deadline": 3 * 10**9,
    }
    assert {name: varz[name] for name in expected} == expected
    if nats.release >= (2, 11):
        assert moment(varz["config_load_time"]) > moment(before["now"])
        assert varz["config_digest"] != before["config_digest"]
        assert varz["config_digest"] in nats.check((server.home / "server.conf").read_text()).err
    client.send("PUB foo 11\r\n")
    client.expect_closed("Maximum Payload Violation")


@case("REL-003", "REL-004", "REL-005", private=True)
def test_who_stays_after_a_reload(nats: Nats) -> None:
    server = nats.start(text=accounts())
    a, b, c = (server.client(user=name, pass_="pw") for name in "abc")
    foo, bar = nats.name("foo"), nats.name("bar")
    b.send(f"SUB {foo} 1\r\nSUB {bar} 2\r\n")
    served(b)
    server.reload(accounts(b=f'{{subscribe: {{deny: "{foo}"}}, publish: {{deny: "{bar}"}}}}'))
    b.expect_error(re.compile(rf'Permissions Violation for Subscription to "{foo}".*'))
    for subject in (foo, bar):
        a.send(f"PUB {subject} 2\r\nhi\r\n")
    a.flush()
    b.expect(f"MSG {bar} 2 2\r\nhi\r\n")
    b.send(f"PUB {bar} 2\r\nhi\r\n")
    b.expect_error(f'Permissions Violation for Publish to "{bar}"')
    b.expect_nothing()
    served(c)
    server.reload(accounts(a="other"))
    gone(a)
    served(b)
    served(c)
    server.reload(accounts(a="other", more=""))
    c.expect_closed()
    served(b)
    server.client(user="a", pass_="other")


def gone(connection: Connection) -> None:
    """The connection is closed, perhaps with a word before."""
    for operation in connection.read_until_closed():
        if not isinstance(operation, Err):
            raise Mismatch(f"{operation} came", "the end, perhaps after -ERR")


@case("SIG-002", private=True)
def test_the_log_is_opened_anew(nats: Nats) -> None:
    server = nats.start(text="max_payload: 10\n", flags=["-l", "old.log", "-D"])
    log = server.home / "old.log"
    log.rename(server.home / "kept.log")
    server.signal("reopen")
    server.wait_file("old.log", "re-opened")
    client = server.client(protocol=1)
    assert client.info["max_payload"] == 10
    server.rewrite("max_payload: 20\n")
    server.signal("reload")
    server.wait_file("old.log", "Reloaded server configuration")
    server.signal("ldm")
    server.wait_file("old.log", "lame duck mode")
