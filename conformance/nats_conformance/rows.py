"""Tables of configurations: one consumer a row, and what must come of it.

What must come of a row is an err_code, `(code, err_code)`, the two with the description,
or the members that the answer's configuration must hold (None for one that must be missing).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nats_spec import dialogue

from .consuming import request
from .expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .jetstream import JetStream

Outcome: TypeAlias = "int | tuple[int, int] | tuple[int, int, str] | dict[str, Any]"
Row: TypeAlias = "tuple[dict[str, Any], Outcome]"

#: Members of a request that stand beside its configuration.
_BESIDE: Final = ("pedantic",)


def created(js: JetStream, stream: str, rows: Iterable[Row], **common: Any) -> None:  # noqa: ANN401
    """Create a consumer with `common` and each row's members, and delete it again."""
    wrong: list[str] = []
    for members, wanted in rows:
        name = js.name("c")
        config = {"durable_name": name, "ack_policy": "explicit"} | common | members
        beside = {key: config.pop(key) for key in _BESIDE if key in config}
        body = request(stream, config) | beside
        answer = js.answer(f"CONSUMER.CREATE.{stream}.{name}", body)
        if lack := lacks(answer, wanted):
            wrong.append(f"{json.dumps(members)[:200]}: {lack}")
        if "error" not in answer:
            js.request(f"CONSUMER.DELETE.{stream}.{name}")
    _judge(wrong)


def updated(js: JetStream, stream: str, rows: Iterable[Row], **common: Any) -> None:  # noqa: ANN401
    """Create a consumer with `common` for each row, and set the row's members."""
    wrong: list[str] = []
    for members, wanted in rows:
        consumer = js.consumer(stream, **common)
        before = consumer.info()
        answer = js.answer(f"CONSUMER.CREATE.{consumer.path}", consumer.changed(**members))
        after = consumer.info()
        if lack := lacks(answer, wanted):
            wrong.append(f"{json.dumps(members)[:200]}: {lack}")
        elif "error" in answer and after["config"] != before["config"]:
            wrong.append(f"{json.dumps(members)[:200]}: refused, and the configuration is another")
        elif "error" not in answer and after["config"] != answer["config"]:
            wrong.append(f"{json.dumps(members)[:200]}: INFO does not say what the answer says")
        consumer.delete()
    _judge(wrong)


def lacks(answer: dict[str, Any], wanted: Outcome) -> str | None:
    """How an answer differs from what must come of it; None if it does not."""
    error = answer.get("error")
    if isinstance(wanted, dict):
        return json.dumps(error) if error else _missing(wanted, answer["config"])
    if not isinstance(error, dict):
        return f"accepted, not refused with {wanted}"
    if isinstance(wanted, int):
        wanted = (error["code"], wanted)
    got = (error["code"], error["err_code"], error["description"])
    return None if got[: len(wanted)] == wanted else f"{got}, not {wanted}"


def _missing(wanted: dict[str, Any], config: dict[str, Any]) -> str | None:
    surplus = [name for name, value in wanted.items() if value is None and name in config]
    if surplus:
        return f"{surplus[0]} is {config[surplus[0]]}, not missing"
    return dialogue.holds({k: v for k, v in wanted.items() if v is not None}, config)


def _judge(wrong: list[str]) -> None:
    if wrong:
        raise Mismatch(f"{len(wrong)} rows differ", "", "; ".join(wrong))
