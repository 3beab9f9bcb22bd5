"""The monitoring port: its socket and HTTP, which h11 speaks (MON-GEN-003, MON-GEN-005, MON-GEN-011).

Any method is answered like GET. What is answered is endpoints.py.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import h11

from nats_reference.monitoring.endpoints import BAD_REQUEST, Answer, Endpoints
from nats_reference.monitoring.writing import JSON

if TYPE_CHECKING:
    from nats_reference.server import Server


class Monitoring:
    """A listening monitoring port."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.endpoints = Endpoints(server)
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
                    self._answer(self._monitoring.endpoints.answer(target))
                if self._http.our_state in {h11.MUST_CLOSE, h11.CLOSED}:
                    self._transport.close()
                    return
        except h11.RemoteProtocolError:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                self._answer(BAD_REQUEST)
            self._transport.close()

    def _answer(self, answer: Answer) -> None:
        sent: list[bytes | None] = [
            self._http.send(h11.Response(status_code=answer.status, headers=headers(answer)))
        ]
        if self._request is None or self._request.method != b"HEAD":
            sent.append(self._http.send(h11.Data(data=answer.body)))
        sent.append(self._http.send(h11.EndOfMessage()))
        self._transport.write(b"".join(part for part in sent if part))


def headers(answer: Answer) -> list[tuple[str, str]]:
    """The headers of an answer; JSON is for everybody (MON-GEN-003)."""
    found = [("Content-Type", answer.type), ("Content-Length", str(len(answer.body)))]
    return found + ([("Access-Control-Allow-Origin", "*")] if answer.type == JSON else [])
