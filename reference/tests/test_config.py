"""The configuration file: what it may say, what it means, and where it goes wrong."""

from __future__ import annotations

import re

import pytest

from nats_reference import options
from nats_reference.auth.permissions import PermissionRules, Rule
from nats_reference.auth.users import User
from nats_reference.config import document, loader

EVERYTHING = """
# a comment
listen: "127.0.0.1:4333"   // another
http = 127.0.0.1:-1
server_name: "one"; client_advertise 'a:1'
max_payload: 1MB, max_pending: 2mb
max_control_line 2k
max_connections: 10
max_subscriptions: $SUBS
SUBS: 7
max_sub_tokens: 3
ping_interval: "1m30s"
ping_max: 4
write_deadline: 500ms
write_timeout: retry
no_header_support: yes
no_fast_producer_stall: on
disable_sublist_cache: false
lame_duck_duration: 1h
lame_duck_grace_period: "1.5s"
DEBUG: true
trace: off
logtime: no
log_file: /tmp/x//y
pid_file: p
ports_file_dir: d
no_auth_user: b
authorization {
  timeout: 0.5
  default_permissions: {publish: ["x", "y.>"]}
  users = [
    {user: a, password: "1"}
    {username: b, pass: c, permissions: {
      pub: {allow: "p"
            deny: [q]}
      sub: {deny: ["s.* team", "t"]},
    }},
  ]
}
"""


@pytest.fixture
def load(tmp_path):
    def write(text: str) -> options.Options:
        path = tmp_path / "server.conf"
        path.write_text(text, encoding="utf-8")
        return loader.load(path)

    return write


def test_everything(load):
    # The variable is defined after its use, so it has to come from somewhere else.
    found = load(EVERYTHING.replace("$SUBS", "7").replace("SUBS: 7\n", ""))
    assert (found.host, found.port) == ("127.0.0.1", 4333)
    assert (found.http_host, found.http_port) == ("127.0.0.1", -1)
    assert (found.server_name, found.client_advertise) == ("one", "a:1")
    assert (found.max_payload, found.max_pending) == (1024**2, 2 * 1024**2)
    assert (found.max_control_line, found.max_connections) == (2000, 10)
    assert (found.max_subscriptions, found.max_subscription_tokens) == (7, 3)
    assert (found.ping_interval, found.ping_max, found.write_deadline) == (90.0, 4, 0.5)
    assert (found.write_timeout, found.no_header_support) == ("retry", True)
    assert (found.no_fast_producer_stall, found.disable_sublist_cache) == (True, False)
    assert (found.lame_duck_duration, found.lame_duck_grace_period) == (3600.0, 1.5)
    assert (found.debug, found.trace, found.logtime) == (True, False, False)
    assert (found.log_file, found.pid_file, found.ports_file_dir) == ("/tmp/x//y", "p", "d")  # noqa: S108
    assert found.authorization.timeout == 0.5
    a, b = found.authorization.users
    default = PermissionRules(publish_allow=(Rule(b"x"), Rule(b"y.>")))
    assert a == User("a", "1", default)
    assert b.permissions == PermissionRules(
        publish_allow=(Rule(b"p"),),
        publish_deny=(Rule(b"q"),),
        subscribe_deny=(Rule(b"s.*", b"team"), Rule(b"t")),
    )


@pytest.mark.parametrize(
    "text",
    ["port: 7", "port = 7", "port 7", "PORT: 7", "{port: 7}", '{"port": 7}', "port: 1\nport: 7",
     "port:7;", "x: 7\nport: $x", "\n\n  port: 7 # why\n\n", "listen: 7", "port: $FROM_OUTSIDE",
     "listen: 0.0.0.0:7", 'listen: ":7"', "{\n port: 7\n}\n", "\r\nport: 7\r\n"],
)  # fmt: skip
def test_forms(load, monkeypatch, text):
    monkeypatch.setenv("FROM_OUTSIDE", "7")
    assert load(text).port == 7


@pytest.mark.parametrize(
    ("text", "value"),
    [("1k", 1000), ("1kb", 1024), ("1KiB", 1024), ("1Ki", 1024), ("2m", 2000000), ("-1", -1)],
)
def test_sizes(load, text, value):
    assert load(f"max_payload: {text}").max_payload == value


def test_strings(load):
    assert load(r'server_name: "a\"\\\tb\x41"').server_name == 'a"\\\tbA'
    assert load(r"server_name: 'a\b'").server_name == r"a\b"
    assert load("server_name: a#b").server_name == "a#b"


def test_single_user_and_seconds_as_a_number(load):
    found = load('authorization: {user: a, password: "1", timeout: 3}').authorization
    assert (found.user, found.password, found.timeout) == ("a", "1", 3.0)
    assert load('authorization {timeout: "2s", token: t}').authorization.timeout == 2.0


def test_include(load, tmp_path):
    (tmp_path / "more.conf").write_text("port: 8\nmax_payload: 9", encoding="utf-8")
    found = load("port: 7\ninclude ./more.conf\nmax_payload: 10")
    assert (found.port, found.max_payload) == (8, 10)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("\ntls {\n}", "not supported by the reference: 'tls'", (2, 1)),
        (
            "a: 1\n  mqtt: true\nport: $a",
            "not supported by the reference: 'mqtt'",
            (2, 3),
        ),
        ("cluster {}", "not supported by the reference: 'cluster'", (1, 1)),
        ("accounts { A { imports [] } }", "not supported by the reference: 'imports'", (1, 16)),
        ("nope: 1", 'unknown field "nope"', (1, 1)),
        ("authorization {\n nkey: x}", "not supported by the reference: 'nkey'", (2, 2)),
        ("authorization {\n nope: x}", 'unknown field "nope"', (2, 2)),
        ("authorization {token: b, user: a}", "Cannot have a user/pass and token", (1, 1)),
        ("authorization {token: b, users: []}", "Can not have a token", (1, 1)),
        ("authorization {user: b, users: []}", "Can not have a single user", (1, 1)),
        ("authorization {users: [{user: a}, {user: a}]}", 'Duplicate user "a"', (1, 16)),
        ("authorization {users: [{password: a}]}", "requires a user", (1, 16)),
        ("authorization {users: [-1]}", "users wants users in braces", (1, 16)),
        ("authorization {users: [{user: a, x: 1}]}", 'unknown field "x"', (1, 34)),
        ("authorization {users: 1}", "wants an array", (1, 16)),
        ("authorization {permissions: {x: 1}}", 'Unknown field "x"', (1, 30)),
        ("authorization {permissions: {sub: {x: 1}}}", 'Unknown field "x"', (1, 36)),
        ("authorization {permissions: {allow_responses: {x: 1}}}", 'Unknown field "x"', (1, 48)),
        ('authorization {permissions: {pub: "a..b"}}', '"a..b" is not a valid subject', (1, 36)),
        ('authorization {permissions: {pub: "a b"}}', '"a b" is not a valid subject', (1, 36)),
        ("authorization {permissions: {pub: [{}]}}", "pub wants subjects", (1, 30)),
        ("authorization: 1", "wants a block", (1, 1)),
        ("authorization {user: a, permissions: {}}", "for a users array", (1, 1)),
        ('port: "7"', "port wants a whole number", (1, 1)),
        ("port: 1.5", "port wants a whole number", (1, 1)),
        ("port: [-1]", "port wants a whole number", (1, 1)),
        ("port: [1]", "a number needs a blank before ]", (1, 8)),
        ("max_payload: 1k5", "max_payload wants a whole number", (1, 1)),
        ("max_payload: 3GB", "max_payload value is too big", (1, 1)),
        ("debug: 1", "debug wants true or false", (1, 1)),
        ("server_name: 7", "server_name wants text", (1, 1)),
        ('server_name: "a b"', "server name cannot contain spaces", (1, 1)),
        ("lame_duck_duration: 30", "lame_duck_duration wants a duration", (1, 1)),
        ("ping_interval: 5x", "ping_interval wants a duration", (1, 1)),
        ("lame_duck_duration: 29s", "minimum is 30 seconds", (1, 1)),
        ('lame_duck_grace_period: "-1s"', "needs to be positive", (1, 1)),
        ("write_timeout: never", "wants default or close or retry", (1, 1)),
        ("listen: a.b.c", "listen wants host:port", (1, 1)),
        ("port: $NOWHERE_AT_ALL", "'NOWHERE_AT_ALL' can not be found", (1, 7)),
        ("include nowhere.conf", "can't include nowhere.conf", (1, 9)),
        ("port: [1 ", "the file ends before", (1, 8)),
        ("port: \n 7", "on the line of its key", (1, 7)),
        ('host: "x" port: 5', "a line end or a comma comes before", (1, 11)),
        ('host: "x', "a string without an end", (1, 7)),
        ("}", "nothing is open that this would close", (1, 1)),
    ],
)
def test_errors_say_where(load, text, message, place):
    with pytest.raises(
        document.ConfigError, match="|".join(map(re.escape, message.split("|")))
    ) as info:
        load(text)
    if place is not None:
        line, column = place
        assert f"server.conf:{line}:{column}: " in str(info.value)


def test_all_that_is_wrong_is_told_in_the_order_of_the_file(load):
    with pytest.raises(document.ConfigErrors) as info:
        load("nope: 1\nport: 2\nmqtt {}\ntrace: maybe\n")
    found = [line.split(":")[1] for line in str(info.value).splitlines()]
    assert found == ["1", "3", "4"]


def test_numbers_of_seconds_are_taken_and_warned_of(tmp_path):
    path = tmp_path / "server.conf"
    path.write_text("\nping_interval: 5", encoding="utf-8")
    found = loader.read(path)
    assert found.options.ping_interval == 5
    (warning,) = found.warnings
    assert warning.startswith(f'{path}:2:1: invalid use of field "ping_interval": ping_interval')
    path.write_text("# nothing\n", encoding="utf-8")
    assert loader.read(path).warnings == (f"{path}: config has no values or is empty",)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        loader.load(tmp_path / "none.conf")


# ---- What is checked at the start only ---------------------------------------


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lame_duck_duration": 30.0, "lame_duck_grace_period": 30.0}, "strictly lower"),
        ({"max_payload": 10, "max_pending": 9}, "cannot be higher"),
        ({"server_name": "a b"}, "spaces"),
        ({"no_auth_user": "x"}, "users/nkeys are not defined"),
    ],
)
def test_options_that_do_not_go_together(changed, message):
    with pytest.raises(options.InvalidOptions, match=message):
        options.validate(options.with_defaults(options.Options(**changed)))


def test_defaults():
    found = options.with_defaults(options.Options())
    options.validate(found)
    assert (found.port, found.max_payload, found.max_pending) == (4222, 1048576, 67108864)
    assert (found.max_connections, found.max_control_line) == (65536, 4096)
    assert (found.ping_interval, found.ping_max, found.auth_timeout) == (120.0, 2, 2.0)
    assert found.write_deadline == 10.0
