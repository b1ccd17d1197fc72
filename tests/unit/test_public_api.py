"""What the code takes from Scrapy, Twisted, Playwright and the like: public names only."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from functools import cache
from pathlib import Path

import zaobao

LIBRARIES = ("scrapy", "scrapy_playwright", "twisted", "playwright", "itemadapter", "spidermon")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@cache
def trees() -> list[tuple[str, ast.Module]]:
    root = Path(zaobao.__file__).parent
    return [
        (str(path.relative_to(root)), ast.parse(path.read_text("utf-8")))
        for path in sorted(root.rglob("*.py"))
    ]


def defined(tree: ast.AST) -> set[str]:
    """The private names that a module defines, as functions, classes, names or attributes."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.add(name)
    return {name for name in found if is_private(name)}


def test_no_private_name_of_a_library_is_used() -> None:
    ours = set().union(*(defined(tree) for _, tree in trees()))
    used = []
    for name, tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    private = [one.name for one in names if is_private(one.name)]
                    if private and module.startswith(LIBRARIES):
                        used.append(f"{name}: {module}.{private[0]}")
                case ast.Attribute(attr=attribute) if is_private(attribute):
                    used_of = ast.unparse(node)
                    # lxml's public classes have such names.
                    if attribute not in ours and not used_of.startswith("etree._Element"):
                        used.append(f"{name}: {used_of}")
    assert used == []


@cache
def tree(cls: type) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(cls)))


@cache
def private_names(cls: type) -> set[str]:
    """The private names that a class itself defines or sets."""
    return {name for name in defined(tree(cls)) if name != cls.__name__}


@cache
def subclasses() -> list[type]:
    """Our classes that have a base of a library."""
    found = []
    for info in pkgutil.walk_packages(zaobao.__path__, "zaobao."):
        module = importlib.import_module(info.name)
        classes = [one for one in vars(module).values() if inspect.isclass(one)]
        found += [one for one in classes if one.__module__ == info.name and libraries(one)]
    return found


def libraries(cls: type) -> list[type]:
    return [base for base in cls.__mro__ if base.__module__.startswith(LIBRARIES)]


def test_a_subclass_touches_no_private_name_of_its_bases() -> None:
    """Neither by overriding one, which may happen without knowing, nor by using one."""
    wrong = {}
    for cls in subclasses():
        theirs = set().union(*(private_names(base) for base in libraries(cls)))
        touched = {node.attr for node in ast.walk(tree(cls)) if isinstance(node, ast.Attribute)}
        touched |= private_names(cls)
        wrong[cls.__name__] = touched & theirs
    assert len(wrong) > 40
    assert {name: names for name, names in wrong.items() if names} == {}


def test_the_subclasses_are_found() -> None:
    found = {cls.__name__: libraries(cls) for cls in subclasses()}
    names = set(found)
    assert names >= {"BoundsMiddleware", "StrictRobotsTxtMiddleware", "PoliteRetryMiddleware"}
    assert names >= {"PublicResolver", "CancellableDownloadHandler", "BrowserHandler"}
    assert found["BrowserHandler"][0].__name__ == "ScrapyPlaywrightDownloadHandler"
    assert found["LateBrowserProvider"][0].__name__ == "PlaywrightBrowserProvider"
