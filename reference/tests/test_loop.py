"""A running server in the test's own loop: from listening to the last farewell."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from nats_reference.logs import Log
from nats_reference.options import Options
from nats_reference.transport import loop as loops
from nats_reference.transport import process
from nats_reference.transport.loop import Running

CONNECT = b'CONNECT {"verbose":false,"pedantic":false,"protocol":1}\r\n'


@asynccontextmanager
async def running(**options):
    logged = io.StringIO()
    chosen = Options(host="127.0.0.1", port=-1, **options)
    server = Running(chosen, asyncio.get_running_loop(), Log(stream=logged, times=False))
    server.logged = logged
    await server.start()
    yield server
    if not server.stopped.done():
        server.stop()
        await server.stopped


async def client(server: Running):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
    await reader.readuntil(b"} \r\n")
    writer.write(CONNECT + b"PING\r\n")
    await reader.readuntil(b"} \r\n")
    return reader, writer


async def get(server: Running, *words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.server.http_port)
    writer.write(b"".join(words))
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_serve_and_stop():
    async with running() as server:
        reader, writer = await client(server)
        writer.write(b"SUB foo 1\r\nPUB foo 2\r\nhi\r\n")
        assert await reader.readuntil(b"hi\r\n") == b"MSG foo 1 2\r\nhi\r\n"
        server.stop()
        assert await reader.read() == b""
        writer.close()
        await server.stopped
        assert not server.links
        server.stop()
    assert "Listening for client connections on 127.0.0.1" in server.logged.getvalue()


async def test_a_client_that_takes_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(loops, "FAREWELL_SECONDS", 0.1)
    async with running() as server:
        _, writer = await client(server)
        link = next(iter(server.links))
        link.transport.pause_reading()
        link.write(bytes(32 << 20))
        server.stop()
        await server.stopped
        assert writer.transport is not None
        writer.transport.abort()


async def test_lame_duck_mode_ends_with_the_last_client():
    async with running(lame_duck_duration=30.0, lame_duck_grace_period=0.01) as server:
        reader, writer = await client(server)
        server.enter_lame_duck()
        server.enter_lame_duck()
        assert b'"ldm":true' in await reader.readuntil(b"} \r\n")
        process.shut_down(server, "terminated")
        assert await reader.read() == b""
        writer.close()
        await server.stopped
    assert server.logged.getvalue().count("Entering lame duck mode") == 1


async def test_reload_is_logged():
    async with running() as server:
        options = server.server.options
        server.reload(lambda: replace(options, max_payload=7))
        server.reload(lambda: replace(options, server_name="x"))
        assert server.server.options.max_payload == 7
    logged = server.logged.getvalue()
    assert "Reloaded server configuration" in logged
    assert "config reload not supported for ServerName" in logged


async def test_the_grammar_is_read_in_good_time(monkeypatch):
    monkeypatch.setattr(loops, "WARM_UP_SECONDS", 0.0)
    async with running() as server:
        while "language" not in vars(server.server):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        assert server.server.language is server.server.language


async def test_monitoring():
    async with running(http_port=-1) as server:
        _, writer = await client(server)
        answer = await get(
            server, b"GET /connz?subs=1&limit=5&offset=0 HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        head, body = answer.split(b"\r\n\r\n", 1)
        assert b"application/json" in head
        assert json.loads(body)["num_connections"] == 1
        two = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nHEAD /varz HTTP/1.1\r\nHost: x\r\n\r\n"
        assert (await get(server, two)).count(b" 200 ") == 2
        assert b" 404 " in await get(server, b"GET /nope HTTP/1.0\r\n\r\n")
        assert b" 400 " in await get(server, b"GET /connz?cid=x HTTP/1.0\r\n\r\n")
        assert b" 200 " not in await get(server, b"nonsense\r\n\r\n")
        found = json.loads(server.monitoring.endpoints.answer("/varz").body)
        assert found["http_req_stats"]["/healthz"] == 1
        assert found["connections"] == 1
        assert server.ports()["monitoring"] == [server.monitoring.url]
        writer.close()
    assert server.monitoring is None


@pytest.mark.parametrize("seconds", [0, 59, 61, 3661, 90061, 31536000])
def test_spans_of_time(seconds):
    from nats_reference.monitoring.varz import since  # noqa: PLC0415 - h11 stays out of the others

    texts = {0: "0s", 59: "59s", 61: "1m1s", 3661: "1h1m1s", 90061: "1d1h1m1s"}
    assert since(seconds) == texts.get(seconds, "1y0d0h0m0s")
