"""Room that streams set aside (JS-LIM-028, JS-LIM-030)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream


def reserved(js: JetStream) -> tuple[int, int]:
    """What INFO says is set aside in memory and in files."""
    info = js.request("INFO")
    return info["reserved_memory"], info["reserved_storage"]


def asked(js: JetStream, verb: str, **config: Any) -> int | None:
    """The err_code of this CREATE or UPDATE."""
    answer = js.answer(f"STREAM.{verb}.{config['name']}", config)
    code: int | None = answer.get("error", {}).get("err_code")
    return code


@case("JS-LIM-028", "JS-ERR-013", "JS-ERR-025", config="jetstream-small", private=True)
def test_no_more_is_set_aside_than_there_is(nats: Nats) -> None:
    js = nats.jetstream()
    for storage, room, code in (("memory", 10_000, 10028), ("file", 20_000, 10047)):

        def ask(verb: str, name: str, size: int, kind: str = storage) -> int | None:
            return asked(js, verb, name=name, storage=kind, max_bytes=size)

        prefix = storage.upper()
        assert ask("CREATE", f"{prefix}1", room + 1) == code
        assert ask("CREATE", f"{prefix}1", room - 4000) is None
        assert ask("CREATE", f"{prefix}2", 4001) == code
        assert ask("CREATE", f"{prefix}2", 4000) is None
        assert ask("UPDATE", f"{prefix}2", 4001) == code
        assert ask("UPDATE", f"{prefix}2", 3000) is None
        assert ask("CREATE", f"{prefix}3", 1001) == code
        js.request(f"STREAM.DELETE.{prefix}1")
        assert ask("CREATE", f"{prefix}3", room - 3001) is None
        for limit in (-1, 0):
            assert ask("CREATE", f"{prefix}4", limit) is None
            js.request(f"STREAM.DELETE.{prefix}4")
        assert ask("UPDATE", f"{prefix}3", room - 3000) is None
        assert ask("CREATE", f"{prefix}4", -1) == code


@case("JS-LIM-028", config="jetstream-accounts", private=True)
def test_an_account_s_limits_of_a_stream(nats: Nats) -> None:
    js = nats.jetstream(user="LIMITED", pass_="pw")
    for storage, most, code in (("memory", 6000, 10028), ("file", 12_000, 10047)):
        for limit in (None, -1, 0):
            given = {} if limit is None else {"max_bytes": limit}
            assert asked(js, "CREATE", name="A", storage=storage, **given) == 10113
        assert asked(js, "CREATE", name="A", storage=storage, max_bytes=most + 1) == 10122
        assert asked(js, "CREATE", name="A", storage=storage, max_bytes=most) is None
        for verb, limit, expected in (
            ("UPDATE", -1, 10113),
            ("UPDATE", most + 1, 10122),
            ("UPDATE", most, None),
        ):
            assert asked(js, verb, name="A", storage=storage, max_bytes=limit) == expected
        assert asked(js, "CREATE", name="B", storage=storage, max_bytes=most) == code
        assert asked(js, "CREATE", name="B", storage=storage, max_bytes=1000) is None
        assert asked(js, "CREATE", name="C", storage=storage, max_bytes=1000) == 10027
        js.request("STREAM.DELETE.A")
        assert asked(js, "CREATE", name="C", storage=storage, max_bytes=1000) is None
        for stream in "BC":
            js.request(f"STREAM.DELETE.{stream}")


@case("JS-LIM-029", config="jetstream-accounts", private=True)
def test_an_account_s_limits_are_checked_in_order(nats: Nats) -> None:
    js = nats.jetstream(user="LIMITED", pass_="pw")

    def code(name: str, **config: Any) -> int | None:
        return asked(js, "CREATE", name=name, storage="memory", **config)

    assert code("A", max_bytes=6000) is None
    assert code("B", max_bytes=6001, max_consumers=4) == 10026
    assert code("B", max_bytes=6001) == 10028
    assert code("B", max_consumers=4) == 10026
    assert code("B", subjects=["A"]) == 10113
    assert code("A", max_bytes=6001) == 10122
    assert code("A", max_msgs=1) == 10113
    assert code("A", max_bytes=6000, max_msgs=1) == 10058
    assert code("B", max_bytes=4001, subjects=["A"]) == 10028
    assert code("B", max_bytes=4000, subjects=["A"]) == 10065
    assert code("B", max_bytes=4000) is None
    for config in ({}, {"max_bytes": 6001}, {"max_consumers": 4}, {"max_age": 5}):
        assert code("C", **config) == 10027
    assert code("A", max_bytes=6000, max_consumers=4) == 10026


@case("JS-LIM-030", config="jetstream-small", private=True)
def test_max_bytes_is_set_aside_not_what_is_used(nats: Nats) -> None:
    js = nats.jetstream()
    assert reserved(js) == (0, 0)
    js.create("M", storage="memory", max_bytes=3000)
    js.create("F", storage="file", max_bytes=5000)
    js.create("N", storage="file", max_msgs=5)
    assert reserved(js) == (3000, 5000)
    for stream in "MFN":
        js.publish(stream, "x" * 100)
    assert reserved(js) == (3000, 5000)
    assert asked(js, "UPDATE", name="M", storage="memory", max_bytes=2000) is None
    assert asked(js, "UPDATE", name="F", storage="file", max_bytes=6000) is None
    assert reserved(js) == (2000, 6000)
    js.request("STREAM.DELETE.M")
    assert reserved(js) == (0, 6000)
