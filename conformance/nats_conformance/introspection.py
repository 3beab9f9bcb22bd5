"""Has a bare assert of a case tell what it compared: its module is read as pytest reads tests.

That takes longer than most cases and is worth nothing while they pass, so modules
are imported plainly, and a case is run again like this when a bare assert failed.
pytest is a means here: a session with one item, no ini file of the user's, no
plugin, no output, no collection.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pytest

T = TypeVar("T")

_HERE: Final = Path(__file__).parent

#: Plugins of pytest that have nothing to do here.
_IDLE: Final = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath"),
    *("logging", "monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "skipping"),
    *("stepwise", "subtests", "terminal", "threadexception", "tmpdir", "unittest"),
    "unraisableexception",  # it collects garbage at the end of each session, for half a second
)

#: What a user says to pytest is not meant for us.
_VARIABLES: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")

#: There is one pytest in a process.
_ALONE: Final = threading.Lock()


def within(work: Callable[[], T]) -> T | None:
    """What `work` comes to while pytest is up; None if pytest won't be."""
    import pytest  # noqa: PLC0415 - it takes its time

    class Run(pytest.Item):
        """All that is to be done."""

        came: T | None = None
        error: BaseException | None = None

        def runtest(self) -> None:
            try:
                self.came = work()
            except BaseException as error:  # noqa: BLE001 - it is raised again outside
                self.error = error

    class Plugin:
        """Puts it where pytest would have its collected tests."""

        run: Run | None = None

        def pytest_collection(self, session: pytest.Session) -> bool:
            self.run = Run.from_parent(session, name="run")
            session.items = [self.run]
            session.testscollected = 1
            return True

    plugin = Plugin()
    arguments = ["-s", "--noconftest", "-c", str(_HERE / "pytest.ini"), "--rootdir", str(_HERE)]
    for name in _IDLE:
        arguments += ["-p", f"no:{name}"]
    with _ALONE:
        before = {name: os.environ.pop(name, None) for name in _VARIABLES}
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        try:
            pytest.main(arguments, plugins=[plugin])
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    if plugin.run is None:
        return None
    if plugin.run.error is not None:
        raise plugin.run.error
    return plugin.run.came


def rewritten(function: Callable[..., T]) -> Callable[..., T]:
    """The same function of the same module, as pytest reads it; to be called `within`."""
    module = sys.modules.get(getattr(function, "__module__", ""))
    if module is None or not module.__name__.rpartition(".")[2].startswith("test_"):
        return function
    found: Callable[..., T] = getattr(_read(module), getattr(function, "__name__", ""), function)
    return found


@cache
def _read(module: ModuleType) -> ModuleType:
    """Another copy of `module`; whoever imports it gets the first one."""
    name = module.__name__
    parent, _, attribute = name.rpartition(".")
    del sys.modules[name]
    try:
        return importlib.import_module(name)
    finally:
        sys.modules[name] = module
        if parent:
            setattr(sys.modules[parent], attribute, module)
