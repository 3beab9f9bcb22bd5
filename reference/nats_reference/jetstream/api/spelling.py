"""JSON as Go writes it."""

from __future__ import annotations

import json
from typing import Any, Final

#: What never stands for itself in Go's JSON.
ESCAPED: Final = "<>&\u2028\u2029"


def spell(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Compact, UTF-8, with `<`, `>`, `&` and two line ends of Unicode's escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in ESCAPED:
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "replace")
