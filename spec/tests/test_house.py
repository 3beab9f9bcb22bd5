"""The rules of the house that a linter doesn't know: which way imports go, how long a module is."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "nats_spec": ROOT / "spec" / "nats_spec",
    "nats_reference": ROOT / "reference" / "nats_reference",
    "nats_conformance": ROOT / "conformance" / "nats_conformance",
}
#: Whom each may import, of ours.
ARROWS = {
    "nats_spec": {"nats_spec"},
    "nats_reference": {"nats_reference", "nats_spec"},
    "nats_conformance": {"nats_conformance", "nats_spec"},
}
LONGEST = 300
#: What is at the top, beside files whose names begin with a dot.
TOP = {
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "conftest.py",
    "mkdocs.yml",
    "pyproject.toml",
}
FOLDERS = {"conformance", "docs", "reference", "spec"}

MODULES = [
    pytest.param(package, path, id=path.relative_to(ROOT).as_posix())
    for package, root in PACKAGES.items()
    for path in sorted(root.rglob("*.py"))
]


def imported(tree: ast.Module) -> set[str]:
    """The top-level names of the packages that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_nothing_else_is_at_the_top() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("2026-11-26: only git knows what belongs to the project")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tops = {name.partition("/")[0] for name in listed.stdout.split("\0") if name}
    assert {name for name in tops if not name.startswith(".")} == TOP | FOLDERS


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_imports_go_one_way(package: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert (imported(tree) & PACKAGES.keys()) <= ARROWS[package]


@pytest.mark.parametrize(
    "path", [module.values[1] for module in MODULES], ids=[module.id for module in MODULES]
)
def test_a_module_answers_one_question(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert path.name != "utils.py"
    assert len(text.splitlines()) <= LONGEST
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "it doesn't say what it decides"


def test_the_import_test_sees_imports_inside_functions() -> None:
    tree = ast.parse("def f():\n    from nats_reference import server\n    import os.path\n")

    assert imported(tree) == {"nats_reference", "os"}
