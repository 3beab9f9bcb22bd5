"""The table of refusals: complete entries, found by their text, and the one that chapter 60 shows."""

import re

import pytest

from nats_spec import errors, requirements

#: Families whose chapters are still to come: their ids are taken from the start.
LATER = re.compile(r"(TLS|PROXY|SYS)-")


def test_ids_are_unique() -> None:
    ids = [error.id for error in errors.ERRORS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("error", errors.ERRORS, ids=lambda error: error.id)
def test_each_entry_says_what_its_kind_says(error: errors.Error) -> None:
    assert error.kind in {"error", "silent-close"}
    assert bool(error.text) == (error.kind == "error")
    assert error.closes or error.kind == "error"
    assert error.trigger
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", error.since)


@pytest.mark.parametrize("error", errors.ERRORS, ids=lambda error: error.id)
def test_each_entry_belongs_to_a_requirement(error: errors.Error) -> None:
    catalogue = requirements.load()
    known = catalogue.requirements.keys() | catalogue.excluded.keys()
    assert error.requirement in known or LATER.match(error.requirement)


def test_a_text_finds_its_most_specific_entry() -> None:
    found = errors.said('Permissions Violation for Subscription to "a" using queue "b" (sid "1")')
    assert found is not None
    assert found.id == "permissions-subscription-removed-queue"


@pytest.mark.parametrize("text", ["", "Parser Error", "invalid subject", "Invalid Subject "])
def test_a_text_that_no_server_sends_is_not_found(text: str) -> None:
    assert errors.said(text) is None


def test_chapter_60_shows_the_table() -> None:
    chapter = next(c for c in requirements.load().chapters if c.number == 60)
    assert errors.markdown() in chapter.text
