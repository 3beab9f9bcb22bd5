"""The monitoring port: three documents over HTTP (MON-GEN-003 .. MON-GEN-006, MON-HEALTH-001).

h11 speaks the protocol. Any method is answered like GET, unknown paths get 404
and a bad parameter 400, both in plain text. Leaves out the other endpoints.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

import h11

from nats_reference.monitoring.connz import connz
from nats_reference.monitoring.varz import varz

if TYPE_CHECKING:
    from nats_reference.server import Server

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
BAD_REQUEST = (400, TEXT, b"400 Bad Request")


class Monitoring:
    """A listening monitoring port."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.requests: dict[str, int] = {}
        self._listener: asyncio.Server | None = None

    async def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen."""
        options = self.server.options
        host = options.http_host or options.host
        self._listener = await loop.create_server(
            lambda: HttpLink(self), host, max(options.http_port, 0), reuse_address=True
        )
        self.server.http_port = self._listener.sockets[0].getsockname()[1]
        self.server.log.info(f"Starting http monitor on {host}:{self.server.http_port}")

    @property
    def url(self) -> str:
        """Where it is."""
        options = self.server.options
        return f"http://{options.http_host or options.host}:{self.server.http_port}"

    def close(self) -> None:
        """Stop to listen."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, type and body for a request target."""
        try:
            url = urlsplit(target)
        except ValueError:
            return BAD_REQUEST
        query = dict(parse_qsl(url.query))
        self.requests[url.path] = self.requests.get(url.path, 0) + 1
        now = time.time()
        try:
            match url.path:
                case "/varz":
                    found: Any = varz(self.server, now, self.requests)
                case "/connz":
                    found = connz(self.server, now, query)
                case "/healthz":
                    return 200, JSON, b'{"status":"ok"}'
                case _:
                    return 404, TEXT, b"404 page not found\n"
        except ValueError as error:
            return 400, TEXT, f"Error decoding parameter: {error}\n".encode()
        return 200, JSON, json.dumps(found, indent=2).encode()


class HttpLink(asyncio.Protocol):
    """One HTTP connection."""

    def __init__(self, monitoring: Monitoring) -> None:
        self._monitoring = monitoring
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody asks."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        try:
            self._http.receive_data(data)
            while not isinstance(event := self._http.next_event(), type(h11.NEED_DATA)):
                if event is h11.PAUSED:
                    self._http.start_next_cycle()
                elif isinstance(event, h11.Request):
                    self._request = event
                elif isinstance(event, h11.EndOfMessage) and self._request is not None:
                    target = self._request.target.decode("ascii", "replace")
                    self._answer(*self._monitoring.answer(target))
                if self._http.our_state in {h11.MUST_CLOSE, h11.CLOSED}:
                    self._transport.close()
                    return
        except h11.RemoteProtocolError:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                self._answer(*BAD_REQUEST)
            self._transport.close()

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        headers = [
            ("Content-Type", kind),
            ("Access-Control-Allow-Origin", "*"),
            ("Content-Length", str(len(body))),
        ]
        sent: list[bytes | None] = [
            self._http.send(h11.Response(status_code=status, headers=headers))
        ]
        if self._request is None or self._request.method != b"HEAD":
            sent.append(self._http.send(h11.Data(data=body)))
        sent.append(self._http.send(h11.EndOfMessage()))
        self._transport.write(b"".join(part for part in sent if part))
