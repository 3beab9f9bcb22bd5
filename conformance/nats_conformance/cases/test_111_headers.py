"""Which header fields a stream looks at, and how large a message may be."""

from __future__ import annotations

from nats_conformance.cases import Nats, case


@case("JS-PUB-006", config="jetstream", deliveries=False)
def test_a_name_in_another_case_is_another_name(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for name, value in (
        ("nats-expected-stream", "other"),
        ("NATS-EXPECTED-LAST-SEQUENCE", "7"),
        ("Nats-Expected-last-Subject-Sequence", "7"),
        ("nats-Expected-Last-Msg-Id", "x"),
        ("NATS-ROLLUP", "sub"),
        ("NATS-MSG-ID", "a"),
        ("nats-msg-id", "a"),
        ("nats-msg-id", "a"),
    ):
        ack = js.publish(stream, "x", {name: value})
        assert "duplicate" not in ack
        stored = js.stored(stream, seq=ack["seq"])
        assert stored["hdrs"] == f"NATS/1.0\r\n{name}: {value}\r\n\r\n".encode()


@case("JS-PUB-006", config="jetstream", deliveries=False)
def test_a_name_within_a_field_is_no_name(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for number in range(2):
        headers = {"X": "Nats-Msg-Id: a", "X-Nats-Msg-Id": "a", "Nats-Msg-Id-X": "a"}
        assert js.publish(stream, "x", headers) == {"stream": stream, "seq": number + 1}


@case("JS-PUB-007", config="jetstream", deliveries=False)
def test_an_empty_field_is_none(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(allow_rollup_hdrs=True)
    js.publish(stream, "x", {"Nats-Msg-Id": "a"})
    for name in (
        "Nats-Msg-Id",
        "Nats-Expected-Stream",
        "Nats-Expected-Last-Sequence",
        "Nats-Expected-Last-Subject-Sequence",
        "Nats-Expected-Last-Subject-Sequence-Subject",
        "Nats-Expected-Last-Msg-Id",
        "Nats-Rollup",
    ):
        for _ in range(2):
            assert "duplicate" not in js.publish(stream, "x", {name: ""}), name
    state = js.state(stream)
    assert state["messages"] == state["last_seq"] == 15


@case("JS-PUB-030", "JS-ERR-120", config="jetstream", deliveries=False)
def test_only_the_server_says_where_a_message_comes_from(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for value in ("other 1", "x", f"{stream} 1 > > {stream}"):
        js.publish_refused(stream, 10227, "x", {"Nats-Stream-Source": value})
    js.publish(stream, "x", {"Nats-Stream-Source": ""})
    js.publish(stream, "x", {"nats-stream-source": "other 1"})
    assert js.state(stream)["messages"] == 2


@case("JS-PUB-024", "JS-ERR-030", config="jetstream", deliveries=False)
def test_header_and_payload_together_are_limited(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(max_msg_size=50, storage=storage)
        for header, payload, fits in (
            (0, 50, True),
            (0, 51, False),
            (20, 30, True),
            (20, 31, False),
            (50, 0, True),
            (51, 0, False),
            (0, 0, True),
        ):
            # NATS/1.0, CR LF, "A: ", value, CR LF, CR LF
            headers = {"A": "x" * (header - 17)} if header else None
            answer = js.acknowledgement(stream, "x" * payload, headers)
            got = answer.get("error", {}).get("err_code")
            assert got == (None if fits else 10054), (header, payload)
        assert js.state(stream)["messages"] == 4


@case("JS-PUB-025", "JS-ERR-048", config="jetstream", deliveries=False)
def test_a_header_block_may_have_65535_bytes(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        for size in (65_535, 65_536, 100_000):
            answer = js.acknowledgement(stream, "x", {"A": "x" * (size - 17)})
            got = answer.get("error", {}).get("err_code")
            assert got == (None if size < 65_536 else 10097), size
        assert js.state(stream)["messages"] == 1
        assert len(js.stored(stream, seq=1)["hdrs"]) == 65_535


@case("JS-PUB-026", config="jetstream-bounds", deliveries=False)
def test_a_record_in_a_file_may_have_32_mib(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    headers = {"A": "x"}
    room = (1 << 25) - 30 - len(stream) - 4 - len("NATS/1.0\r\nA: x\r\n\r\n")
    for size, answer in ((room + 1, 10077), (room, None)):
        reply = js.inbox()
        js.send(stream, b"x" * size, headers, reply)
        # So much takes longer than an answer may.
        js.connection.pump("an answer", 20)
        assert js.on_subject(reply).json.get("error", {}).get("err_code") == answer
    assert js.state(stream)["bytes"] == 1 << 25
