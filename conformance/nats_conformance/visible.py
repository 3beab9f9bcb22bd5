r"""How bytes are shown, the same way everywhere, and how shown bytes are read back.

CR, LF, TAB and NUL are the control pictures ␍ ␊ ␉ ␀; a byte outside UTF-8 or
without a glyph is `\xHH`; a long run of one byte is `{a*4096}`. Nothing is
lost: `read(show(data)) == data`. `line` is for people only and may shorten.
"""

from __future__ import annotations

import re
from typing import Final

_PICTURES: Final = {0x0D: "␍", 0x0A: "␊", 0x09: "␉", 0x00: "␀"}
_CONTROLS: Final = {ord(picture): code for code, picture in _PICTURES.items()}
_RUN: Final = re.compile(rb"(.)\1{31,}", re.DOTALL)
_SHOWN: Final = re.compile(r"\{(\\x[0-9a-f]{2}|.)\*(\d+)\}|\\x([0-9a-f]{2})", re.DOTALL)
_LIKE_RUN: Final = re.compile(r"\{(?=(\\x[0-9a-f]{2}|.)\*\d+\})", re.DOTALL)

#: Beyond so many bytes `line` looks at the ends only.
_LONG: Final = 4096


def show(data: bytes) -> str:
    """`data` as text in which every byte can be seen."""
    parts: list[str] = []
    at = 0
    for run in _RUN.finditer(data):
        parts += [_plain(data[at : run.start()]), _run(run[1], run.end() - run.start())]
        at = run.end()
    parts.append(_plain(data[at:]))
    return "".join(parts)


def read(text: str) -> bytes:
    """The bytes that `show` made `text` from."""
    parts: list[bytes] = []
    at = 0
    for shown in _SHOWN.finditer(text):
        unit, count, code = shown.groups()
        parts.append(_unplain(text[at : shown.start()]))
        parts.append(bytes([int(code, 16)]) if code else read(unit) * int(count))
        at = shown.end()
    parts.append(_unplain(text[at:]))
    return b"".join(parts)


def line(data: bytes, width: int = 110) -> str:
    """`show(data)` in at most about `width` characters, its end kept."""
    tail = 18
    if len(data) > _LONG and not _RUN.match(data):
        return f"{show(data[:_LONG])[: width - tail - 3]} … {show(data[-tail:])[-tail:]}"
    text = show(data)
    if len(text) <= width:
        return text
    return f"{text[: width - tail - 3]} … {text[-tail:]}"


def _run(unit: bytes, count: int) -> str:
    code = unit[0]
    glyph = _glyph(code) if code < 0x80 else f"\\x{code:02x}"
    return f"{{{glyph}*{count}}}"


def _plain(data: bytes) -> str:
    shown = data.decode("utf-8", "surrogateescape").translate(_GLYPHS)
    if not shown.isprintable():
        shown = "".join(map(_printable, shown))
    return _LIKE_RUN.sub(r"\\x7b", shown)


def _unplain(text: str) -> bytes:
    return text.translate(_CONTROLS).encode()


def _printable(char: str) -> str:
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in char.encode())


def _glyph(code: int) -> str:
    if code in _PICTURES:
        return _PICTURES[code]
    if 0x20 <= code < 0x7F and code != 0x5C:
        return chr(code)
    return f"\\x{code:02x}"


#: What can't stand for itself: controls, the backslash, bytes outside UTF-8, the pictures.
_GLYPHS: Final[dict[int, str]] = (
    {code: _glyph(code) for code in (*range(0x20), 0x5C, 0x7F)}
    | {0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 0x100)}
    | {picture: "".join(f"\\x{b:02x}" for b in chr(picture).encode()) for picture in _CONTROLS}
)
