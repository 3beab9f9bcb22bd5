"""From a configuration file to options (CONF-SYN-010, CONF-SYN-013).

A key that nats-server has and the reference does not is refused by name, never
ignored; so is one that nobody has. Which key sets what is keys.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nats_reference.config import accounts, authorization, digest, document, values
from nats_reference.config.keys import ADDRESSES, KEYS, UNSUPPORTED
from nats_reference.options import Authorization, Options

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from nats_reference.auth.users import User
    from nats_reference.config.document import Entry

#: Durations that were numbers of seconds once.
ONCE_SECONDS = frozenset({"ping_interval", "write_deadline"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file says."""

    options: Options
    #: What is not right with it, though a server starts.
    warnings: tuple[str, ...]


def load(path: Path) -> Options:
    """The options that the file at `path` sets; see `read`."""
    return read(path).options


def read(path: Path) -> Loaded:
    """The options that the file at `path` sets, and what to warn of.

    Raises:
        ConfigError: something is wrong with it; the text says what and where.
        ConfigErrors: several things are.
        OSError: it can't be read.
    """
    top = document.read(path)
    found = replace(from_block(top, str(path)), config_digest=digest.digest(top))
    return Loaded(found, tuple(warnings(top, path)))


def warnings(top: document.Block, path: Path) -> Iterator[str]:
    """What a check of the file complains about, and a start only mentions (CONF-SYN-013)."""
    if not top.entries:
        yield f"{path}: config has no values or is empty"
    for key, entry in top.entries.items():
        if key in ONCE_SECONDS and values.is_bare_number(entry):
            text = f'invalid use of field "{key}": {key} should be converted to a duration'
            yield str(document.ConfigError(text, entry.at))


def from_block(top: document.Block, name: str) -> Options:
    """The options that the top block of a file sets."""
    found: dict[str, Any] = {"config_file": name}
    everybody: tuple[User, ...] = ()
    errors = []
    for key, entry in top.entries.items():
        try:
            if key == "accounts":
                found["accounts"], everybody = accounts.accounts(entry)
            else:
                found |= settings(key, entry, found, top.used)
        except document.ConfigError as error:
            errors.append(error)
    if errors:
        raise document.ConfigErrors(errors) if errors[1:] else errors[0]
    if everybody:
        found["authorization"] = with_users(found.get("authorization"), everybody, top)
    return replace(Options(), **found)


def settings(
    key: str, entry: Entry, found: dict[str, Any], variables: Collection[str]
) -> dict[str, Any]:
    """The options that one key sets."""
    if key in KEYS:
        option, reader = KEYS[key]
        return {option: reader(entry)}
    if key in ADDRESSES:
        host, port = values.address(entry)
        return dict(zip(ADDRESSES[key], (host or found.get("host", ""), port), strict=True))
    if key in UNSUPPORTED:
        raise document.ConfigError(f"not supported by the reference: '{entry.key}'", entry.at)
    if key not in variables:
        raise document.ConfigError(f'unknown field "{entry.key}"', entry.at)
    return {}


def with_users(
    own: Authorization | None, everybody: tuple[User, ...], top: document.Block
) -> Authorization:
    """The users of the authorization block and of all accounts."""
    own = own or Authorization()
    at = top.entries["accounts"].at
    authorization.alone(own.user, own.token, at)
    users = own.users + everybody
    names = [user.name for user in users]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise document.ConfigError(f'Duplicate user "{twice}" detected', at)
    return replace(own, users=users)
