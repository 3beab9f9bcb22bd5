"""The table of JetStream's errors."""

import re

import pytest

from nats_spec.api_errors import api_error, entries, markdown


def test_numbers_are_unique_and_ascend():
    numbers = list(entries())
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 170


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: str(entry.err_code))
def test_an_entry_is_whole(entry):
    assert entry.code in {400, 404, 409, 412, 429, 500, 503}
    assert entry.text
    assert entry.trigger
    assert re.fullmatch(r"2\.\d+", entry.since)
    assert re.fullmatch(r"JS-[A-Z-]+-\d{3}", entry.requirement)


def test_a_text_holds_what_varies():
    error = api_error(10071)
    assert error.placeholders == ("seq",)
    assert error.describe(seq=7) == "wrong last sequence: 7"
    assert error.pattern.fullmatch("wrong last sequence: 12")
    assert not error.pattern.fullmatch("wrong last msg ID: 12")
    assert error.as_json(seq=7) == {
        "code": 400,
        "err_code": 10071,
        "description": "wrong last sequence: 7",
    }


def test_a_missing_value_or_number_is_an_error():
    with pytest.raises(KeyError):
        api_error(10071).describe()
    with pytest.raises(KeyError):
        api_error(1)


def test_the_table_has_a_row_for_each():
    assert markdown().count("\n") == len(entries()) + 1
