"""The pure modules stay pure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support import archive

ROOT = archive.ROOT / "zaobao"
PURE = {
    "embedded",
    "dom",
    "items",
    "page",
    "text",
    "times",
    "urls",
    "cleaning",
}
FILES = [
    *(ROOT / f"{name}.py" for name in sorted(PURE - {"cleaning"})),
    *sorted((ROOT / "cleaning").glob("*.py")),
    *sorted((ROOT / "layouts").glob("*.py")),
]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= (
                {f"zaobao.{name.name}" for name in node.names} if module == "zaobao" else {module}
            )
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports(path: Path) -> None:
    names = imported(path)
    assert not [name for name in names if name.split(".")[0] in ("scrapy", "twisted", "parsel")]
    ours = {name.split(".")[1] for name in names if name.startswith("zaobao.")}
    allowed = (
        PURE | {"layouts", "errors", "plausibility"} if path.parent.name == "layouts" else PURE
    )
    assert ours <= allowed, ours - allowed
