"""The tools that are compared with, each in an environment of its own below `build/peers`."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build" / "peers"
PACKAGES = {
    "newspaper4k": ("newspaper4k[zh]==0.9.*", "lxml_html_clean"),
    "fundus": ("fundus==0.5.*", "curl_cffi==0.15.*"),
    "crawlee": ("crawlee[parsel]==1.*",),
}


class NotInstalled(Exception):
    """A peer that cannot be had here; the message goes into the table."""


def python(name: str) -> Path:
    """The interpreter of a peer's environment, made when it is asked for first."""
    folder = FOLDER / name
    executable = folder / "bin" / "python"
    mark = folder / "installed"
    if mark.exists():
        return executable
    print(f"installing {name} into {folder} …", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(executable), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *PACKAGES[name]], capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line] or [done.stderr]
        raise NotInstalled(f"{name}: pip: {said[-1][:120]}")
    mark.touch()
    return executable


def version(name: str) -> str:
    """The installed version."""
    code = f"from importlib.metadata import version; print(version('{name}'))"
    done = subprocess.run(
        [str(python(name)), "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def is_there(name: str) -> bool:
    """Whether it was installed."""
    return (FOLDER / name / "installed").exists()
