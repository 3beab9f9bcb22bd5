"""JSON as Go writes it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

#: Halves of characters, which no text can have; bytes that are no text stand in names as such.
HALVES: Final = re.compile("[\ud800-\udfff]")
#: What never stands for itself in Go's JSON.
ESCAPED: Final = "<>&\u2028\u2029"


def spell(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Compact, UTF-8, with `<`, `>`, `&` and two line ends of Unicode's escaped."""
    text = HALVES.sub("\ufffd", json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    for character in ESCAPED:
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
