"""What was derived outlives its process, and nothing but time is lost when it doesn't."""

import json

import pytest

from nats_spec import grammars, lalr, shelf
from nats_spec.recogniser import derive, recogniser

NAMES = [("client", "line"), ("refusals", "line"), ("server", "line"), ("subjects", "pattern")]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "plans"))
    grammars.forget()
    yield tmp_path / "plans"
    grammars.forget()


def kept(text, what, value):
    """What `kept` gives, and whether it had to be derived."""
    asked = []
    found = shelf.kept(
        text, what, lambda: asked.append(1) or value, write=lambda v: v, read=lambda v: v
    )
    return found, bool(asked)


@pytest.mark.usefixtures("place")
def test_it_is_derived_once():
    assert kept("text", "plan", {"a": 1}) == ({"a": 1}, True)
    assert kept("text", "plan", {"a": 2}) == ({"a": 1}, False)
    assert kept("text ", "plan", {"a": 2}) == ({"a": 2}, True)
    assert kept("text", "tables", {"a": 2}) == ({"a": 2}, True)


@pytest.mark.parametrize(("name", "start"), NAMES)
@pytest.mark.usefixtures("place")
def test_a_plan_comes_back_as_it_was(name, start, monkeypatch):
    plan = derive(grammars.parser(name), start)
    recogniser(name, start)
    grammars.forget()
    monkeypatch.setattr(grammars, "parser", None)
    again = recogniser(name, start)
    monkeypatch.undo()
    assert again.pattern.pattern == plan.pattern
    assert again.openings == plan.openings


@pytest.mark.usefixtures("place")
def test_the_second_process_needs_no_lark(monkeypatch):
    recogniser("client")
    first = lalr.parser("config").parse(b"a: {b: 1}\n")
    grammars.forget()
    monkeypatch.setattr(grammars, "parser", None)
    assert recogniser("client").match(b"PING\r\n") == ("ping", ())
    assert lalr.parser("config").parse(b"a: {b: 1}\n") == first
    monkeypatch.undo()


def test_texts_that_were_parsed_are_not_kept(place):
    lalr.parser("config").parse(b"password: s3cr3t\n")
    (file,) = place.iterdir()
    assert "s3cr3t" not in file.read_text("utf-8")


@pytest.mark.parametrize("garbage", [b"", b"{}", b"[1]", b'{"pattern":1}', b"\xff"])
def test_what_is_damaged_is_derived_again(place, garbage):
    recogniser("client")
    lalr.parser("config")
    for path in place.glob("*.json"):
        path.write_bytes(garbage)
    grammars.forget()
    assert recogniser("client").match(b"PING\r\n") == ("ping", ())
    assert lalr.parser("config").parse(b"").data == "file"
    assert all(json.loads(path.read_bytes()) for path in place.glob("*.json"))


def test_without_a_place_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv(shelf.VARIABLE, "")
    assert shelf.folder() is None
    assert kept("text", "plan", 1) == (1, True)
    assert kept("text", "plan", 1) == (1, True)
    (tmp_path / "file").touch()
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "file"))
    assert kept("text", "plan", 1) == (1, True)
    assert kept("text", "plan", 1) == (1, True)


def test_the_place_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv(shelf.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shelf.folder() == tmp_path / "nats-spec" / "plans"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shelf.folder() == tmp_path / ".cache" / "nats-spec" / "plans"
