"""A block of Python on a page, run as if it stood in a file at its own line."""

from __future__ import annotations

import ast
import inspect
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


async def run(page: Path, line: int, text: str, names: dict[str, Any]) -> None:
    """One block, in these names."""
    tree = ast.parse("\n" * (line - 1) + text, str(page))
    code = compile(tree, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = types.FunctionType(code, names)()
    if inspect.iscoroutine(result):
        await result
