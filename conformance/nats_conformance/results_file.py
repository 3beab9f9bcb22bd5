"""Reads the results.json of an earlier run, and writes one."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema

from .results import Results

if TYPE_CHECKING:
    from pathlib import Path


class BadResults(ValueError):
    """This is no results.json."""


def text(results: Results) -> str:
    """The document."""
    return json.dumps(results.as_json(), indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Results:
    """The run that is in this file.

    Raises:
        BadResults: it can't be read, or is something else.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadResults(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadResults(f"{path} is no JSON: {error}") from error
    schema = json.loads((files(__package__) / "results.schema.json").read_text("utf-8"))
    wrong = next(
        jsonschema.Draft202012Validator(schema).iter_errors(_without_transcripts(document)), None
    )
    if wrong is not None:
        raise BadResults(f"{path} is no results.json: {wrong.json_path}: {wrong.message[:200]}")
    return Results.from_json(document)


def _without_transcripts(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same but for what most of it is, which would take minutes to validate."""
    if isinstance(document, dict):
        return {
            key: []
            if key == "transcript" and isinstance(value, list)
            else _without_transcripts(value)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [_without_transcripts(each) for each in document]
    return document
