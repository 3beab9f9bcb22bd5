"""Which releases the matrix holds, in which order, and what they and their files are called.

Another release than those of DEFAULT can be named; whether there is one, its wheel tells.
"""

from __future__ import annotations

import re
from typing import Final

REFERENCE: Final = "reference"
_SERVER: Final = "nats-server@"
_RELEASE: Final = re.compile(r"(?:nats-server@)?(?P<version>\d+\.\d+\.\d+\S*)")

#: First and last of every minor series, and those between which a release changed something.
DEFAULT: Final = (
    "2.10.25",
    "2.10.26",
    "2.11.0",
    "2.11.1",
    "2.11.6",
    "2.11.11",
    "2.12.0",
    "2.12.4",
    "2.12.8",
    "2.14.0",
    "2.14.5",
    "2.14.6",
    "2.15.0",
    "2.15.1",
)


def target(word: str) -> str | None:
    """The target that a user means by `2.12.8`, `nats-server@2.12.8` or `reference`."""
    if word == REFERENCE:
        return REFERENCE
    found = _RELEASE.fullmatch(word)
    return _SERVER + found["version"] if found else None


def default() -> list[str]:
    """The targets of the whole matrix, in their order."""
    return [*(_SERVER + version for version in DEFAULT), REFERENCE]


def file_name(name: str) -> str:
    """What the file of a target is called."""
    return name.replace("@", "-") + ".json"


def brief(name: str) -> str:
    """The number of a release; any other target by its name."""
    return name.removeprefix(_SERVER)


def is_release(name: str) -> bool:
    """Whether it is a release of nats-server."""
    return name.startswith(_SERVER)


def order(name: str) -> tuple[bool, tuple[int, ...], str]:
    """Releases by their number, then the others; for `sorted`."""
    numbers = tuple(map(int, re.findall(r"\d+", brief(name))))
    return (not is_release(name), numbers if is_release(name) else (), name)
