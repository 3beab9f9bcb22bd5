"""Writes what a verb was asked to write, or says why it can't."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .exits import Usage

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write the file, and the folders that it is in.

    Raises:
        Usage: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What is half a character is written as JSON has it.
        path.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise Usage(f"cannot write {path}: {error.strerror}") from error


def write_json(path: Path, document: object) -> None:
    """Write `document` as JSON.

    Raises:
        Usage: it can't be written.
    """
    write(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
