"""nats-py, unchanged, on servers that ask who it is: the reference and nats-server."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager

import bcrypt
import nats
import pytest
from flushing import flushed
from nats.errors import NoRespondersError
from streaming import SERVERS, running


def hashed(secret: str) -> str:
    return bcrypt.hashpw(secret.encode(), bcrypt.gensalt(4, prefix=b"2a")).decode()


USERS = f"""
accounts {{
  A: {{
    users: [
      {{user: ann, password: "{hashed("s3cr3t")}"}}
      {{user: reader, password: pw, permissions: {{
        publish: {{deny: ">"}}, subscribe: {{allow: ["_INBOX.>", "news.>"], deny: "news.secret"}}
      }}}}
      {{user: service, password: pw, permissions: {{subscribe: "ask", allow_responses: true}}}}
      {{user: web, password: pw, allowed_connection_types: ["WEBSOCKET"]}}
    ]
  }}
  B: {{ users: [{{user: bob, password: pw}}] }}
}}
no_auth_user: bob
"""


@pytest.fixture(params=SERVERS)
def serve(request, tmp_path):
    """Starts a server with a configuration; its address without a scheme."""
    with ExitStack() as stack:
        yield lambda text: stack.enter_context(running(request.param, tmp_path, text)).removeprefix(
            "nats://"
        )


class Client:
    """nats-py, and the errors that it told of."""

    def __init__(self) -> None:
        self.errors: asyncio.Queue[str] = asyncio.Queue()
        self.nc = nats.NATS()

    async def told(self, error: Exception) -> None:
        self.errors.put_nowait(str(error))

    async def wait(self, text: str) -> None:
        """Until it tells of an error like this."""
        async with asyncio.timeout(10):
            while text not in await self.errors.get():
                pass


@asynccontextmanager
async def client(address: str, **options):
    made = Client()
    try:
        await made.nc.connect(
            f"nats://{address}",
            error_cb=made.told,
            allow_reconnect=False,
            connect_timeout=10,
            **options,
        )
        yield made
    finally:
        await made.nc.close()


async def refused(address: str, **options) -> None:
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        async with client(address, **options):
            pass


async def test_user_and_password(serve):
    address = serve(USERS)
    async with (
        client(address, user="ann", password="s3cr3t") as ann,
        client(f"reader:pw@{address}") as reader,
        client(address, user="bob", password="pw") as bob,
        client(address) as nobody,
    ):
        heard = [await each.nc.subscribe("news.*") for each in (ann, reader, bob, nobody)]
        for each in (ann, reader, bob, nobody):
            await flushed(each.nc)
        await ann.nc.publish("news.a", b"of A")
        await nobody.nc.publish("news.b", b"of B")
        got = [(await each.next_msg(10)).data for each in heard]
        assert got == [b"of A", b"of A", b"of B", b"of B"], "no_auth_user is bob"
    await refused(address, user="ann", password="wrong")
    await refused(address, user="web", password="pw")


@pytest.mark.parametrize("token", ["s3cr3t", hashed("s3cr3t")], ids=["plain", "hashed"])
async def test_token(serve, token):
    address = serve(f'authorization {{ token: "{token}" }}')
    async with client(address, token="s3cr3t") as one, client(f"s3cr3t@{address}"):
        await one.nc.flush()
    await refused(address, token="wrong")
    await refused(address)


async def test_permission_errors_come_to_the_callback(serve):
    address = serve(USERS)
    async with client(address, user="reader", password="pw") as reader:
        await reader.nc.publish("news.a", b"no")
        await reader.wait('permissions violation for publish to "news.a"')
        await reader.nc.subscribe("other")
        await reader.wait('permissions violation for subscription to "other"')
        heard = await reader.nc.subscribe("news.>")
        await flushed(reader.nc)
        async with client(address, user="ann", password="s3cr3t") as ann:
            await ann.nc.publish("news.secret", b"secret")
            await ann.nc.publish("news.open", b"open")
            assert (await heard.next_msg(10)).data == b"open"
        assert reader.nc.is_connected


async def test_a_service_may_answer_what_it_is_asked(serve):
    address = serve(USERS)
    async with (
        client(address, user="service", password="pw") as service,
        client(address, user="ann", password="s3cr3t") as ann,
    ):

        async def answer(message):
            await message.respond(b"yes")
            await message.respond(b"again")

        await service.nc.subscribe("ask", cb=answer)
        await flushed(service.nc)
        for _ in range(3):
            assert (await ann.nc.request("ask", b"?", timeout=10)).data == b"yes"
        await service.wait("permissions violation for publish to")
        with pytest.raises(NoRespondersError):
            await ann.nc.request("nothing", b"?", timeout=10)
