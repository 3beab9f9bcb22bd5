"""A refusal: the error code and the values that its text is made with.

Texts and HTTP-like codes stand in `nats_spec/errors.toml`.
"""

from __future__ import annotations


class ApiError(Exception):
    """What was asked for is refused, for a reason with a number."""

    def __init__(self, err_code: int, **values: object) -> None:
        super().__init__(err_code, values)
        self.err_code = err_code
        self.values = values

    def __str__(self) -> str:
        """The text that the client reads."""
        return str(self.as_json()["description"])

    def as_json(self) -> dict[str, int | str]:
        """The `error` member of an answer (JS-API-003)."""
        from nats_spec import api_errors  # noqa: PLC0415 - the table is read when it is needed

        return api_errors.api_error(self.err_code).as_json(**self.values)
