"""Names that look like public keys: 56 characters of base32 with a letter for the kind.

INFO-002 (server_id, an N key) and INFO-012 (xkey, an X key). The form is that
of nkeys: prefix byte, 32 bytes, CRC-16 in little endian. There is no private key
behind them: nothing in these chapters signs or seals.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

#: Prefix bytes: the base32 letter, times eight.
SERVER = 13 << 3
CURVE = 23 << 3


def key(prefix: int, rng: random.Random) -> str:
    """A fresh public key of the kind `prefix`."""
    body = bytes([prefix]) + rng.randbytes(32)
    check = binascii.crc_hqx(body, 0)
    return base64.b32encode(body + check.to_bytes(2, "little")).decode("ascii")
