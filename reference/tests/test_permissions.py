"""What a user may publish and hear, and what a reload makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nats_reference import reload
from nats_reference.auth.permissions import PermissionRules, Permissions, Rule
from nats_reference.auth.responses import ResponseRule
from nats_reference.auth.users import User
from nats_reference.options import Authorization


def rules(*texts: bytes) -> tuple[Rule, ...]:
    return tuple(Rule(*text.split()) for text in texts)


def denied(subject: str, queue: str = "", sid: str = "") -> bytes:
    text = f'Permissions Violation for Subscription to "{subject}"'
    text += f' using queue "{queue}"' if queue else ""
    text += f' (sid "{sid}")' if sid else ""
    return f"-ERR '{text}'\r\n".encode()


def authorization(granted: PermissionRules) -> Authorization:
    return Authorization(users=(User("u", "", granted), User("free", "")))


@pytest.fixture
def user(world):
    def make(**lists):
        here = world(authorization=authorization(PermissionRules(**lists)))
        return here, here.client(user="u")

    return make


def test_publish_allow_and_deny(user):
    _, client = user(publish_allow=rules(b"a.>"), publish_deny=rules(b"a.no"))
    client.say(b"SUB > 1\r\n")
    for subject, allowed in ((b"a.yes", True), (b"a.no", False), (b"b", False)):
        said = client.say(b"PUB " + subject + b" 0\r\n\r\n", b"PUB " + subject + b" 0\r\n\r\n")
        error = b"-ERR 'Permissions Violation for Publish to \"" + subject + b"\"'\r\n"
        assert said == 2 * (b"MSG " + subject + b" 1 0\r\n\r\n" if allowed else error)


def test_a_denied_request_gets_no_503(world):
    here = world(authorization=authorization(PermissionRules(publish_allow=())))
    client = here.client(user="u", no_responders=True)
    assert client.say(b"SUB in 1\r\nPUB x in 0\r\n\r\n").startswith(b"-ERR 'Permissions")


def test_answers_are_remembered_but_not_without_bound(monkeypatch):
    monkeypatch.setattr("nats_reference.auth.permissions.MAX_ANSWERS", 3)
    granted = Permissions(PermissionRules(publish_deny=rules(b"no.*")))
    for number in range(20):
        assert granted.may_publish(b"yes.%d" % number)
        assert not granted.may_publish(b"no.%d" % number)


def test_subscribe_allow(user):
    _, client = user(subscribe_allow=rules(b"foo.*", b"q.* v1", b"both", b"both w.*"))
    assert client.say(b"SUB foo.a 1\r\nSUB foo.* 2\r\nSUB foo.a any 3\r\n") == b""
    assert client.say(b"SUB foo.> 4\r\n") == denied("foo.>")
    assert client.say(b"SUB bar 5\r\n") == denied("bar")
    assert client.say(b"SUB a..b 5\r\n") == denied("a..b")
    assert client.say(b"SUB q.a v1 6\r\nSUB both 7\r\nSUB both w.x 8\r\n") == b""
    assert client.say(b"SUB q.a 9\r\n") == denied("q.a")
    assert client.say(b"SUB q.a v2 9\r\n") == denied("q.a", "v2")
    assert client.say(b"SUB both v1 9\r\n") == denied("both", "v1")


def test_subscribe_deny(user):
    _, client = user(subscribe_deny=rules(b"a.*", b"b qd.*"))
    assert client.say(b"SUB a.x 1\r\nSUB a.* 1\r\n") == denied("a.x") + denied("a.*")
    assert client.say(b"SUB b 2\r\nSUB b ok 3\r\n") == b""
    assert client.say(b"SUB b qd.1 4\r\n") == denied("b", "qd.1")


def test_deny_holds_at_delivery(user):
    here, client = user(subscribe_deny=rules(b"foo.secret", b"b qd"))
    client.say(b"SUB foo.* 1\r\nSUB * qd 2\r\n")
    free = here.client(user="free")
    free.say(b"PUB foo.secret 0\r\n\r\nPUB foo.open 0\r\n\r\nPUB b 0\r\n\r\nPUB c 0\r\n\r\n")
    assert client.take() == b"MSG foo.open 1 0\r\n\r\nMSG c 2 0\r\n\r\n"


# ---- Answers -----------------------------------------------------------------


def test_leave_to_answer(user):
    here, client = user(responses=ResponseRule(messages=2, seconds=5.0))
    free = here.client(user="free")
    client.say(b"SUB a 1\r\n")
    refused = b"-ERR 'Permissions Violation for Publish to \"in\"'\r\n"
    assert client.say(b"PUB in 0\r\n\r\n") == refused
    free.say(b"PUB a in 0\r\n\r\n")
    assert client.take() == b"MSG a 1 in 0\r\n\r\n"
    answer = b"PUB in 0\r\n\r\n"
    assert client.say(answer, answer, answer) == refused
    free.say(b"PUB a in 0\r\n\r\n")
    here.clock.advance(6)
    assert client.say(answer).endswith(refused)


def test_leave_to_answer_that_is_too_old_is_forgotten(user):
    here, client = user(responses=ResponseRule(seconds=5.0))
    free = here.client(user="free")
    client.say(b"SUB a 1\r\n")
    for number in range(50):
        free.say(b"PUB a in.%d 0\r\n\r\n" % number)
        here.clock.advance(1)
    assert len(client.connection.responses._granted) <= 6


def test_connections_of_a_user_share_what_was_found_out(user):
    here, client = user(publish_deny=rules(b"no"))
    assert here.client(user="u").connection.permissions is client.connection.permissions


# ---- Reload ------------------------------------------------------------------


def test_reload_of_permissions(world):
    here = world(authorization=authorization(PermissionRules()))
    client, other = here.client(user="u"), here.client(user="free")
    stranger = here.stranger()
    client.say(b"SUB foo 1\r\nSUB foo q 2\r\nSUB bar 3\r\n")
    tight = authorization(PermissionRules(subscribe_deny=rules(b"foo"), publish_deny=rules(b"x")))
    reload.reload(here.server, replace(here.server.options, authorization=tight))
    assert client.take() == denied("foo", sid="1") + denied("foo", "q", "2")
    assert (
        client.say(b"PUB x 0\r\n\r\n") == b"-ERR 'Permissions Violation for Publish to \"x\"'\r\n"
    )
    other.say(b"PUB foo 0\r\n\r\nPUB bar 0\r\n\r\n")
    assert client.take() == b"MSG bar 3 0\r\n\r\n"
    assert not stranger.ended


def test_reload_of_users(world):
    here = world(authorization=Authorization(users=(User("a", "1"), User("b", "2"))))
    first, second = here.client(user="a", **{"pass": "1"}), here.client(user="b", **{"pass": "2"})
    changed = Authorization(users=(User("a", "9"), User("b", "2")))
    reload.reload(here.server, replace(here.server.options, authorization=changed))
    assert first.take() == b"-ERR 'Authorization Violation'\r\n"
    assert first.ended
    assert not second.ended
    changed = Authorization(users=(User("a", "9"),))
    reload.reload(here.server, replace(here.server.options, authorization=changed))
    assert second.take() == b""
    assert second.ended


def test_reload_of_limits(world):
    here = world()
    clients = [here.client(protocol=1) for _ in range(4)]
    clients[0].say(b"PING\r\n")
    reload.reload(here.server, replace(here.server.options, max_payload=5, max_connections=3))
    ended = [client for client in clients if client.ended]
    assert [client.take() for client in ended] == [b"-ERR 'maximum connections exceeded'\r\n"]
    assert here.stranger().take() == b""
    left = next(client for client in clients if not client.ended)
    assert left.say(b"PUB foo 8\r\n") == b"-ERR 'Maximum Payload Violation'\r\n"


def test_reload_without_effect_says_nothing(world):
    here = world()
    client = here.client(protocol=1)
    client.say(b"PING\r\n")
    reload.reload(here.server, replace(here.server.options, client_advertise="a:1"))
    assert client.take() == b""
    assert here.stranger().info["host"] == "a"


@pytest.mark.parametrize("option", [{"port": 1}, {"server_name": "x"}, {"max_subscriptions": 3}])
def test_what_can_not_be_reloaded(world, option):
    here = world()
    before = here.server.options
    changed = replace(before, max_payload=9, **option)
    with pytest.raises(reload.NotReloadable, match="config reload not supported for"):
        reload.reload(here.server, changed)
    assert here.server.options is before
