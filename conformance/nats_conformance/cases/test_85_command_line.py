"""Flags, words, and what they do instead of serving (CLI-001 .. CLI-004, CLI-007, CLI-008)."""

from __future__ import annotations

import json
import re

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.checking import digest
from nats_conformance.targets.configs import MONITORING

#: Flags with a value that changes nothing, in one form or the other.
HARMLESS = (
    *("-a=127.0.0.1", "--addr=127.0.0.1", "-net=127.0.0.1", "--port=-1", "-p=-1", "-n=x"),
    *("--name=x", "-server_name=x", "-P=", "--pid=", "-m=0", "--http_port=0", "-ms=0"),
    *("-https_port=0", "-l=", "--log=", "-T=true", "--logtime", "-s=false", "--syslog=false"),
    *("-r=", "-remote_syslog=", "-D=false", "--debug=0", "-V=f", "-trace=F", "-VV=false"),
    *("--DV=false", "-DVV=false", "-js=false", "--jetstream=false", "-sd=", "-store_dir="),
    *("--user=", "-pass=", "--auth=", "-tls=false", "--routes=", "-cluster_name=", "-profile=0"),
    *("--ports_file_dir=", "-client_advertise=", "--max_traced_msg_len=0", "--log_size_limit=0"),
    *("-no_advertise=false", "--connect_retries=0", "--cluster_advertise="),
)


@case("CLI-001", private=True)
def test_flags_are_known_with_one_dash_and_with_two(nats: Nats) -> None:
    (nats.folder / "server.conf").write_text("port: 7\n")
    left = list(HARMLESS)
    for _ in HARMLESS:
        ended = nats.program(*left, "-t", "-c", "server.conf")
        if not ended.status:
            break
        named = re.search(r"flag --?(\w+)", ended.err)
        if named is None or "not supported" not in ended.err:
            raise Mismatch("a flag is not known", "it is obeyed, or refused by name", ended.err)
        left = [word for word in left if word.lstrip("-").partition("=")[0] != named[1]]
    assert {
        "a",
        "p",
        "n",
        "P",
        "m",
        "l",
        "T",
        "D",
        "V",
        "DV",
        "js",
        "sd",
        "user",
        "pass",
        "auth",
    } <= {word.lstrip("-").partition("=")[0] for word in left}
    assert "is valid" in ended.err


@case("CLI-001", "CLI-007", private=True)
def test_flags_overrule_the_file(nats: Nats) -> None:
    text = 'listen: "192.0.2.1:1"\nauthorization {user: a, password: b}\n'
    words = ["-m", "-1", "-js", "--sd=.", "-T=false", "-D", "-user=c", "--pass", "d", "-P", "pid"]
    server = nats.start(text=text, flags=["--name", "flag", *words])
    info = server.client(user="c", pass_="d").info
    assert (info["server_name"], info["jetstream"]) == ("flag", True)
    assert server.monitor("/varz")["server_name"] == "flag"
    assert (server.home / "pid").read_text().strip() == str(server.pid)
    assert re.search(r"^\[\d+\] \[INF\] ", server.log(), re.MULTILINE)
    assert re.search(r"\[DBG\] ", server.log())


@case("CLI-007", private=True)
def test_flags_overrule_the_file_in_a_reload_too(nats: Nats) -> None:
    text = 'listen: "192.0.2.1:1"\nauthorization {user: a, password: b}\n'
    server = nats.start(text=text, flags=["--user=c", "--pass=d"])
    server.reload(f"{text}max_payload: 10\n")
    assert server.client(user="c", pass_="d").info["max_payload"] == 10


@case("CLI-007", private=True)
def test_a_name_overrules_the_file_in_a_reload_too(nats: Nats) -> None:
    server = nats.start(text="server_name: file\n", flags=["--name", "flag"])
    assert server.client().info["server_name"] == "flag"
    server.reload("server_name: file\nmax_payload: 10\n")
    info = server.client().info
    assert (info["server_name"], info["max_payload"]) == ("flag", 10)


@case("CLI-002", private=True)
def test_the_version_is_told_in_one_line(nats: Nats) -> None:
    for word in ("-v", "--version", "version"):
        ended = nats.program(word)
        found = re.fullmatch(r"[\w-]+: v(\S+)\n", ended.out)
        assert (ended.status, ended.err) == (0, "")
        assert found is not None, ended.out
        assert found[1].startswith(".".join(map(str, nats.release)))


@case("CLI-003", "CLI-004", private=True)
def test_help_and_what_nobody_knows(nats: Nats) -> None:
    for word in ("-h", "--help", "help"):
        ended = nats.program(word)
        assert (ended.status, ended.err) == (0, "")
        assert "Usage:" in ended.out
        assert "--signal" in ended.out
    ended = nats.program("--frob", "-p", "-1")
    assert "frob" in ended.err
    ended = nats.program("frob")
    assert (ended.status, ended.out) == (1, "")
    assert 'unrecognized command: "frob"' in ended.err


@case("CLI-008", "SIG-001", private=True)
def test_signals_are_sent_by_name(nats: Nats) -> None:
    (nats.folder / "pid").write_text("no number")
    wrong = ("frob=1", "reload=abc", "reload=pid", "reload=99999999", "reload=1=2")
    for text in wrong:
        ended = nats.program("--signal", text)
        assert (ended.status, bool(ended.err.strip())) == (1, True), text
    server = nats.start(text=MONITORING)
    client = server.client()
    since = len(server.log())
    assert nats.program("-sl", f"reload={server.pid}").status == 0
    server.wait_log("Reloaded server configuration|Failed to reload", since)
    (nats.folder / "pid").write_text(str(server.pid))
    assert nats.program("--signal", f"quit={nats.folder / 'pid'}").status == 0
    client.expect_closed()
    assert server.wait() == 0


@case("CONF-OPT-002", "CONF-SYN-014", "SIG-001", private=True)
def test_files_tell_the_process_and_its_ports(nats: Nats) -> None:
    text = f'listen: "127.0.0.1:-1"\n{MONITORING}pid_file: "{{store_dir}}/pid"\n'
    server = nats.start(text=text, bare=True)
    client = server.client()
    (ports,) = server.home.glob("ports/*.ports")
    assert ports.name.endswith(f"_{server.pid}.ports")
    told = json.loads(ports.read_text())
    host, port = server.address
    assert told["nats"] == [f"nats://{host}:{port}"]
    assert client.info["port"] == port
    assert server.running.monitoring is not None
    assert told["monitoring"] == [server.running.monitoring]
    pid = server.store / "pid"
    assert pid.exists()
    assert pid.read_text().strip() == str(server.pid)
    server.signal("term")
    client.expect_closed()
    assert server.wait() == (0 if nats.release >= (2, 11) else 1)
    assert not ports.exists()
    assert pid.exists()


@case("CONF-SYN-014", private=True)
def test_a_port_alone_is_a_port_on_every_address(nats: Nats) -> None:
    for text in ('listen: "[::1]:4333"\n', "listen: 4333\n", "listen: -1\n"):
        digest(nats, text)
    for text in ("listen: -1\n", 'host: "127.0.0.1"\nport: -1\n', 'listen: ":-1"\n'):
        server = nats.start(text=text, bare=True)
        assert server.address[1] > 0
        server.stop()
