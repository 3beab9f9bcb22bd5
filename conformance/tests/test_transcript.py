from nats_conformance.transcript import KEPT, Transcript


def conversation() -> Transcript:
    transcript = Transcript()
    transcript.add(1, "S", b'INFO {"server_id":"X"} \r\n')
    transcript.add(1, "C", b'CONNECT {"verbose":false}\r\n')
    transcript.add(1, "C", b"PING\r\n")
    transcript.add(1, "S", b"PONG\r\n")
    transcript.add(2, "S", b'INFO {"server_id":"X"} \r\n')
    transcript.add(1, "C", b"SUB f")
    transcript.add(1, "C", b"oo 1\r\n")
    transcript.add(1, "S", b"-ERR 'x'\r\n")
    transcript.note("the server ends the connection", 1)
    return transcript


def test_dribbled_bytes_read_as_one_line() -> None:
    assert "C1: SUB foo 1␍␊" in conversation().render()


def test_the_shortest_leaves_out_barriers_and_idle_connections() -> None:
    assert conversation().shortest() == [
        'S1: INFO {"server_id":"X"} ␍␊',
        'C1: CONNECT {"verbose":false}␍␊',
        "C1: SUB foo 1␍␊",
        "S1: -ERR 'x'␍␊",
        "#1  (the server ends the connection)",
    ]


def test_the_last_barrier_stays() -> None:
    transcript = Transcript()
    transcript.add(1, "C", b"SUB foo 1\r\nPING\r\n")
    transcript.add(1, "S", b"PONG\r\n")
    transcript.note("we close", 1)
    assert transcript.shortest()[-2:] == ["S: PONG␍␊", "#  (we close)"]


def test_a_long_one_loses_its_middle() -> None:
    transcript = Transcript()
    for number in range(100):
        transcript.add(1, "C", b"PUB foo 1\r\n%d\r\n" % (number % 10))
    shown = transcript.shortest(limit=10)
    assert len(shown) == 10
    assert "191 lines" in shown[3]


def test_json_and_back() -> None:
    transcript = conversation()
    again = Transcript.from_json(transcript.as_json())
    assert again.render() == transcript.render()
    assert again.sent(1) == transcript.sent(1)
    assert again.received(2) == transcript.received(2)


def test_what_was_dropped_is_told() -> None:
    transcript = Transcript()
    transcript.add(1, "S", b"x" * (KEPT + 7))
    assert not transcript.complete()
    assert not Transcript.from_json(transcript.as_json()).complete()
    assert "(7 more bytes)" in transcript.render()[-1]


def test_a_lone_cr_ends_no_line() -> None:
    transcript = Transcript()
    transcript.add(1, "C", b"PUB fo\ro 2\r\nhi\r\n")
    assert transcript.render() == ["C: PUB fo␍o 2␍␊", "C: hi␍␊"]
