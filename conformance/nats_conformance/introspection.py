"""Runs a verb inside a session of pytest, so that a case's bare assert tells what it compared.

pytest rewrites the asserts of modules that are first imported while it is up. It
is a means here: no ini file of the user's, no plugin, no output, no collection;
the whole run is its one item. Leaves out how cases run: engine.py and session.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_HERE: Final = Path(__file__).parent

#: Plugins of pytest that have nothing to do here.
_IDLE: Final = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath"),
    *("logging", "monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "skipping"),
    *("stepwise", "subtests", "terminal", "tmpdir", "unittest"),
)


#: What a user says to pytest is not meant for us.
_VARIABLES: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


class _Run(pytest.Item):
    """All that is to be done."""

    work: Callable[[], Any]
    came: Any = None
    error: BaseException | None = None

    def runtest(self) -> None:
        """Do it; what comes of it is for `within`, not for pytest."""
        try:
            self.came = self.work()
        except BaseException as error:  # noqa: BLE001 - it is raised again outside
            self.error = error


class _Plugin:
    """Puts the run where pytest would have its collected tests."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self.run: _Run | None = None

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Nothing is looked for."""
        self.run = _Run.from_parent(session, name="run")
        self.run.work = self._work
        session.items = [self.run]
        session.testscollected = 1
        return True


def within(work: Callable[[], T]) -> T:
    """What `work` returns or raises."""
    plugin = _Plugin(work)
    arguments = ["-s", "-c", str(_HERE / "pytest.ini"), "--rootdir", str(_HERE)]
    for name in _IDLE:
        arguments += ["-p", f"no:{name}"]
    before = {name: os.environ.pop(name, None) for name in _VARIABLES}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        status = pytest.main(arguments, plugins=[plugin])
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    if plugin.run is None:
        raise RuntimeError(f"pytest ended with status {status} before the run began")
    if plugin.run.error is not None:
        raise plugin.run.error
    return plugin.run.came  # type: ignore[no-any-return]
