"""Tables of stream configurations: one stream a row, and what must come of it.

What must come of a row is an err_code, or the members that the answer's configuration
must hold (None for one that must be missing). `{s}` in a row's texts is the name of
the row's stream, `{word}` any other name that the table is given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from nats_spec import dialogue

from .expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .jetstream import JetStream

Outcome: TypeAlias = "int | dict[str, Any]"
#: A configuration, and what comes of it.
Row: TypeAlias = "tuple[dict[str, Any], Outcome]"
#: A configuration, another one that takes its place, and what comes of it.
Change: TypeAlias = "tuple[dict[str, Any], dict[str, Any], Outcome]"


def created(js: JetStream, rows: Iterable[Row], **names: str) -> None:
    """Create each row's stream, and delete it again; a refused one must not be there."""
    wrong: list[str] = []
    for members, wanted in rows:
        name = js.name("S")
        js.goes(name)
        body = {"name": name, "storage": "memory"} | filled(members, s=name, **names)
        answer = js.answer(f"STREAM.CREATE.{name}", body)
        if lack := lacks(answer, filled(wanted, s=name, **names)):
            wrong.append(f"{shown(members)}: {lack}")
        if "error" not in answer:
            js.request(f"STREAM.DELETE.{name}")
        elif "error" not in js.answer(f"STREAM.INFO.{name}"):
            wrong.append(f"{shown(members)}: refused, and there it is")
    judge(wrong)


def updated(js: JetStream, rows: Iterable[Change], **names: str) -> None:
    """Create a stream with each row's first members, update it to the second ones."""
    wrong: list[str] = []
    for members, change, wanted in rows:
        name = js.name("S")
        words = {"s": name, **names}
        before = js.created(name, **filled(members, **words))["config"]
        body = {"name": name, "storage": "memory"} | filled(change, **words)
        answer = js.answer(f"STREAM.UPDATE.{name}", body)
        after = js.info(name)["config"]
        if lack := lacks(answer, filled(wanted, **words)):
            wrong.append(f"{shown(members)} to {shown(change)}: {lack}")
        elif "error" in answer and after != before:
            wrong.append(f"{shown(members)} to {shown(change)}: refused, and done")
        elif "error" not in answer and after != answer["config"]:
            wrong.append(f"{shown(members)} to {shown(change)}: INFO says something else")
        js.request(f"STREAM.DELETE.{name}")
    judge(wrong)


def lacks(answer: dict[str, Any], wanted: Outcome) -> str | None:
    """How an answer differs from what must come of it; None if it does not."""
    error = answer.get("error")
    if isinstance(wanted, int):
        got = error["err_code"] if error else None
        return None if got == wanted else f"{error or 'accepted'}, not {wanted}"
    if error:
        return json.dumps(error)
    config = answer["config"]
    for name, value in wanted.items():
        if value is None and name in config:
            return f"{name} is {config[name]}, not missing"
    return dialogue.holds({k: v for k, v in wanted.items() if v is not None}, config)


def filled(value: Any, **names: str) -> Any:  # noqa: ANN401 - JSON
    """The value with these names in its texts."""
    if isinstance(value, dict):
        return {key: filled(each, **names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, **names) for each in value]
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(f"{{{name}}}", text)
    return value


def shown(members: dict[str, Any]) -> str:
    """A row as a person reads it."""
    text = json.dumps(members)
    return text if len(text) < 200 else f"{text[:200]} …"


def judge(wrong: list[str]) -> None:
    """Fail if a row is wrong."""
    if wrong:
        raise Mismatch(f"{len(wrong)} rows differ", "", "; ".join(wrong))
