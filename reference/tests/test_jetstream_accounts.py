"""What an account of JetStream uses, reserves and may have; accounts without it."""

from __future__ import annotations

from asking import Asker, accounts, serve

from nats_reference.auth.users import User
from nats_reference.jetstream.limits import AccountLimits


def test_what_is_used_and_reserved(world, tmp_path):
    asker = Asker(serve(world, tmp_path, max_memory=1000, max_file=2000))
    asker.create("M", max_bytes=600)
    asker.create("F", storage="file", max_bytes=2000)
    asker.publish("M", "x" * 10)
    info = asker.request("INFO")
    assert (info["memory"], info["storage"]) == (16 + 1 + 10, 0)
    assert (info["reserved_memory"], info["reserved_storage"]) == (600, 2000)
    assert (
        asker.refused("STREAM.CREATE.N", {"name": "N", "storage": "memory", "max_bytes": 401})
        == 10028
    )
    assert asker.refused("STREAM.CREATE.N", {"name": "N", "max_bytes": 1}) == 10047
    update = {"name": "M", "storage": "memory"}
    assert asker.refused("STREAM.UPDATE.M", update | {"max_bytes": 1001}) == 10028
    asker.request("STREAM.UPDATE.M", update | {"max_bytes": 1000})
    asker.request("STREAM.UPDATE.M", update | {"max_bytes": 10})
    assert asker.request("INFO")["reserved_memory"] == 10
    asker.request("STREAM.DELETE.M")
    assert asker.request("INFO")["reserved_memory"] == 0


def test_limits_of_an_account(world, tmp_path):
    granted = AccountLimits(1000, 1000, 2, 3, 7, 400, 500, max_bytes_required=True)
    users = [User("a", "pw", account="A"), User("b", "pw", account="B")]
    served = serve(world, tmp_path, **accounts(users, A=granted, B=AccountLimits()))
    asker = Asker(served, user="a", **{"pass": "pw"})
    assert asker.request("INFO")["limits"] == granted.as_json()

    def create(name, **said):
        return (
            asker.ask(f"STREAM.CREATE.{name}", {"name": name} | said)
            .get("error", {})
            .get("err_code")
        )

    assert create("X") == 10113
    assert create("X", max_bytes=501) == 10122
    assert create("X", storage="file", max_bytes=1001) == 10047
    assert create("X", max_bytes=500, max_consumers=4) == 10026
    assert create("X", max_bytes=500) is None
    assert create("X", max_bytes=500, description="y") == 10058
    assert create("Y", max_bytes=500) is None
    assert create("Z", max_bytes=1) == 10027
    assert asker.refused("STREAM.UPDATE.X", {"name": "X", "max_bytes": 501}) == 10122
    assert (
        asker.refused("STREAM.UPDATE.X", {"name": "X", "max_bytes": 500, "max_consumers": 4})
        == 10026
    )
    asker.request("STREAM.DELETE.Y")
    assert create("M", storage="memory", max_bytes=401) == 10122
    other = Asker(served, user="b", **{"pass": "pw"})
    other.create("X", subjects=["X"])
    assert other.publish("X") == {"stream": "X", "seq": 1}
    assert asker.request("STREAM.INFO.X")["state"]["messages"] == 0


def test_accounts_without_streams(world, tmp_path):
    users = [User("a", "pw", account="A"), User("b", "pw", account="B")]
    served = serve(world, tmp_path, **accounts(users, A=AccountLimits()))
    asker, without = (Asker(served, user=name, **{"pass": "pw"}) for name in "ab")
    for endpoint in (
        "INFO",
        "STREAM.NAMES",
        "STREAM.CREATE.A",
        "STREAM.MSG.GET.A",
        "CONSUMER.NAMES.A",
    ):
        for body in ("", "{bad"):
            assert without.refused(endpoint, body) == 10039
        assert without.refused(endpoint, "", {"Nats-Required-Api-Level": "9"}) == 10185
    assert without.refused("STREAM.LEADER.STEPDOWN.A") == 10010
    assert without.refused("CONSUMER.INFO.A.B") == without.refused("CONSUMER.CREATE.A") == 10039
    assert without.refused("CONSUMER.INFO.A.B", "{bad") == 10038
    assert without.refused("CONSUMER.CREATE.A", "{bad") == 10025
    assert without.all("$JS.API.DIRECT.GET.A")[0].status == "503"
    assert without.all("$JS.API.FOO") == []
    assert "error" not in asker.request("INFO")


def test_the_system_account(world, tmp_path):
    users = [User("a", "pw", account="A"), User("s", "pw", account="S")]
    served = serve(world, tmp_path, **accounts(users, A=AccountLimits()), system_account="S")
    asker, system = (Asker(served, user=name, **{"pass": "pw"}) for name in "as")
    asker.create("X")
    asker.create("Y", storage="file")
    assert system.ask("INFO")["error"]["err_code"] == 10039
    for endpoint in ("STREAM.LIST", "FOO", "DIRECT.GET.X"):
        assert system.ask(endpoint)["type"] == "io.nats.jetstream.api.v1.system_response"
    for endpoint in ("META.LEADER.STEPDOWN", "SERVER.REMOVE", "ACCOUNT.STREAM.MOVE.A.X"):
        assert system.all(f"$JS.API.{endpoint}") == []
    assert asker.all("$JS.API.ACCOUNT.PURGE.A") == []
    assert system.refused("ACCOUNT.PURGE.A", "", {"Nats-Required-Api-Level": "9"}) == 10185
    assert system.request("ACCOUNT.PURGE.nobody")["initiated"] is True
    assert asker.request("INFO")["streams"] == 2
    assert system.request("ACCOUNT.PURGE.A")["initiated"] is True
    assert asker.request("INFO")["streams"] == 0
    assert asker.all("X")[0].status == "503"
    asker.create("Y", storage="file")
