"""nats:// URLs: host, port and credentials of a server that already runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_SCHEMES: Final = ("nats",)
_DEFAULT_PORT: Final = 4222


class BadUrl(ValueError):
    """The URL can't be used."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where a running server is and how it lets us in."""

    host: str
    port: int
    #: CONNECT fields: `user` and `pass`, or `auth_token`.
    credentials: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Url:
    """Read `nats://[user:pass@|token@]host[:port]`."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise BadUrl(f"{text}: {error}") from error
    if parts.scheme not in _SCHEMES:
        raise BadUrl(f"{text}: the runner speaks nats:// only, not {parts.scheme}://")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadUrl(f"{text}: {error}") from error
    if not host:
        raise BadUrl(f"{text}: no host")
    if port == 0:
        raise BadUrl(f"{text}: port 0 can't be connected to")
    credentials: tuple[tuple[str, str], ...] = ()
    if parts.username is not None and parts.password is not None:
        credentials = (("user", unquote(parts.username)), ("pass", unquote(parts.password)))
    elif parts.username:
        credentials = (("auth_token", unquote(parts.username)),)
    return Url(host, port or _DEFAULT_PORT, credentials)
