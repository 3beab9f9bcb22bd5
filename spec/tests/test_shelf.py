"""Plans outlive their process, and nothing but time is lost when they don't."""

import pytest

from nats_spec import grammars, shelf
from nats_spec.recogniser import derive, recogniser

NAMES = [("client", "line"), ("refusals", "line"), ("server", "line"), ("subjects", "pattern")]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "plans"))
    return tmp_path / "plans"


@pytest.mark.parametrize(("name", "start"), NAMES)
def test_a_plan_comes_back_as_it_was(place, name, start):
    plan = derive(grammars.parser(name), start)
    text = grammars.source(name)
    assert shelf.take(text, start) is None
    shelf.put(text, start, plan)
    assert shelf.take(text, start) == plan
    assert shelf.take(text + " ", start) is None
    assert ".json" in {path.suffix for path in place.iterdir()}


@pytest.mark.usefixtures("place")
def test_the_second_process_needs_no_lark(monkeypatch):
    grammars.forget()
    recogniser("client")
    grammars.forget()
    monkeypatch.setattr(grammars, "parser", None)
    assert recogniser("client").match(b"PING\r\n") == ("ping", ())
    monkeypatch.undo()
    grammars.forget()


@pytest.mark.parametrize("garbage", [b"", b"{}", b"[1]", b'{"pattern":1}', b"\xff"])
def test_a_damaged_plan_is_derived_again(place, garbage):
    plan = derive(grammars.parser("client"))
    shelf.put("text", "line", plan)
    (path,) = place.glob("*.json")
    path.write_bytes(garbage)
    assert shelf.take("text", "line") is None


def test_without_a_place_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv(shelf.VARIABLE, "")
    assert shelf.folder() is None
    shelf.put("text", "line", derive(grammars.parser("client")))
    assert shelf.take("text", "line") is None
    (tmp_path / "file").touch()
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "file"))
    shelf.put("text", "line", derive(grammars.parser("client")))
    assert shelf.take("text", "line") is None


def test_the_place_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv(shelf.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shelf.folder() == tmp_path / "nats-spec" / "plans"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shelf.folder() == tmp_path / ".cache" / "nats-spec" / "plans"


def test_lark_keeps_its_tables_beside(place):
    grammars.forget()
    first = grammars.parser("config").parse(b"a: 1\n")
    assert [path.suffix for path in place.iterdir()] == [".lark"]
    grammars.forget()
    assert grammars.parser("config").parse(b"a: 1\n") == first
    (path,) = place.iterdir()
    path.write_bytes(b"garbage")
    grammars.forget()
    assert grammars.parser("config").parse(b"a: 1\n") == first
    grammars.forget()


def test_without_a_place_lark_keeps_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv(shelf.VARIABLE, "")
    assert shelf.tables("text") is False
    (tmp_path / "file").touch()
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "file"))
    assert shelf.tables("text") is False
