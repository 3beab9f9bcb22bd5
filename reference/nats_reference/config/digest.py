"""A configuration in one line: equal values have an equal digest, however they are written (CLI-006).

It is nats-server's own: SHA-256 of the values as JSON, keys sorted, so the same
file has the same digest there.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from nats_reference.config import numbers
from nats_reference.config.nodes import Array, Block, Kind, Word

if TYPE_CHECKING:
    from nats_reference.config.nodes import Value

#: What Go escapes in JSON besides what everybody does.
HTML: Final = re.compile("[<>&\u2028\u2029]")
#: Numbers between these Go writes without an exponent.
SMALL, LARGE = 1e-6, 1e21


def digest(top: Block) -> str:
    """The digest of a file's values."""
    return "sha256:" + hashlib.sha256(written(top).encode() + b"\n").hexdigest()


def written(value: Value) -> str:
    """A value as Go writes it in JSON."""
    if isinstance(value, Block):
        keys = sorted(value.exact, key=str.encode)
        pairs = (f"{string(key)}:{written(value.exact[key].value)}" for key in keys)
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, Array):
        return f"[{','.join(map(written, value.items))}]"
    return word(value)


def word(value: Word) -> str:
    """One word."""
    match value.kind:
        case Kind.INTEGER:
            return str(numbers.integer(value.text))
        case Kind.FLOAT:
            return decimal(float(value.text))
        case Kind.BOOLEAN:
            return "true" if numbers.boolean(value.text) else "false"
        case _:
            return string(value.text)


def string(text: str) -> str:
    """Text in quotes."""
    return HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def decimal(number: float) -> str:
    """A float; the shortest that reads back as the same."""
    if number == 0:
        return "-0" if math.copysign(1, number) < 0 else "0"
    exact = Decimal(repr(number))
    if SMALL <= abs(number) < LARGE:
        return f"{exact.normalize():f}"
    digits, _, exponent = f"{exact.normalize():e}".partition("e")
    return f"{digits}e{exponent}"
