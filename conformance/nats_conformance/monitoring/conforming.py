"""Whether one operation of the monitoring port does what the OpenAPI document says.

Schemathesis draws the parameters, valid ones and others, and judges the answers: status,
content type, headers and members as described, no server error, nothing invalid accepted.
A valid request may be refused for the reasons that the document names (`x-refusals`).
Serves MON-GEN-006 and the requirements about members. Leaves out what a document can't say:
that's `cases/test_90_*.py`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from nats_conformance import generated
from nats_conformance.expect import Mismatch
from nats_conformance.targets.monitoring import Answer
from nats_spec import monitoring

if TYPE_CHECKING:
    import requests
    from schemathesis import Case

    from nats_conformance.cases import Nats

#: Examples of an operation at each budget; a drawn request takes a hundredth of a second.
EXAMPLES: Final = {"quick": 5, "standard": 10, "thorough": 150}


def conform(nats: Nats, path: str) -> None:
    """Draw requests for `path` and judge what the case's server answers."""
    import requests  # noqa: PLC0415 - as Schemathesis, only where it is used
    from hypothesis import given  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415
    from schemathesis import GenerationMode  # noqa: PLC0415

    release = nats.release if nats.release < (999,) else None
    operation = _operations(release)[path]["GET"]
    modes = list(GenerationMode) if operation.query else [GenerationMode.POSITIVE]
    cases = st.one_of([operation.as_strategy(mode) for mode in modes])
    url = nats.server.monitoring
    if path == "/" and urlsplit(url).path:
        nats.not_applicable("with a base path the root page is elsewhere")
    refusals = monitoring.refusals(path)

    with requests.Session() as session:

        @given(cases)
        def check(case: Case[Any]) -> None:
            with nats.example() as example:
                _judge(case, url, session, example, refusals)

        generated.run(nats, check, max_examples=EXAMPLES[nats.budget] if operation.query else 1)


def _judge(
    case: Case[Any], url: str, session: requests.Session, nats: Nats, refusals: tuple[str, ...]
) -> None:
    """One request, and everything that can be said of its answer."""
    import requests  # noqa: PLC0415
    from schemathesis.core.failures import Failure, FailureGroup  # noqa: PLC0415

    record = nats.exchange.transcript.note
    asked = case.as_transport_kwargs(base_url=url)
    line = requests.Request(case.method, asked["url"], params=asked.get("params")).prepare().url
    target = (line or url).removeprefix(url)
    record(f"{case.method} {target}")
    try:
        response = case.call(base_url=url, session=session, timeout=nats.patience)
    except requests.RequestException as error:
        raise Mismatch(f"no answer: {type(error).__name__}", "an HTTP answer") from error
    content_type = ", ".join(response.headers.get("content-type", []))
    answer = Answer(target, response.status_code, {"content-type": content_type}, response.content)
    record(str(answer))
    try:
        case.validate_response(response, checks=_checks(answer, refusals))
    except FailureGroup as group:
        first = next(each for each in group.exceptions if isinstance(each, Failure))
        text = " ".join(f"{first.title}. {first.message}".split())
        raise Mismatch(text, "what the OpenAPI document says", str(answer)) from None


def _checks(answer: Answer, refusals: tuple[str, ...]) -> list[Any]:
    """What is looked at: not whether it was right to refuse, if the document says why."""
    from schemathesis import checks as general  # noqa: PLC0415
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    found: list[Any] = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
        checks.negative_data_rejection,
    ]
    if not any(re.search(each, answer.text) for each in refusals):
        found += [general.not_a_server_error, checks.positive_data_acceptance]
    return found


@cache
def _operations(release: tuple[int, ...] | None) -> Any:  # noqa: ANN401 - it has no simple type
    """The document of one release, as Schemathesis reads it."""
    import schemathesis  # noqa: PLC0415 - half a second

    return schemathesis.openapi.from_dict(monitoring.document(release))
