"""A refusal: the error code and the values that its text is made with.

Texts and HTTP-like codes stand in `nats_spec/errors.toml`; whoever answers looks
them up by `err_code`.
"""

from __future__ import annotations


class ApiError(Exception):
    """What was asked for is refused, for a reason with a number."""

    def __init__(self, err_code: int, **values: object) -> None:
        super().__init__(err_code, values)
        self.err_code = err_code
        self.values = values
