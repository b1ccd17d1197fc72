"""What leaves the folder: Jekyll's `_config.yml`, and the git repository it may stand in."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import TYPE_CHECKING

from zaobao.doctor.finding import Finding, fail, ok, size, some, warn
from zaobao.publish.budget import Budget
from zaobao.publish.jekyll import IMAGES, listed, scalars
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

UNPUBLISHED = (
    "articles.jsonl",
    "state.sqlite",
    "exclude.txt",
    "revisions",
    "quarantine",
    "raw",
    "runs",
)
"""What a crawl writes beside posts and site; none of it is to be published."""
_OUTGROW = ("state.sqlite*", ".*.sqlite*", "articles.jsonl*", "runs", "raw", "quarantine")
SOON = timedelta(days=365)
"""How long before GitHub Pages' limits are reached somebody should know."""
_LIMITS = {
    "bytes": (
        "the 1 GB of GitHub Pages",
        "Serve it from a server of your own before that, or publish excerpts",
    ),
    "seconds": (
        "ten minutes",
        "Keep _site/ from one build to the next, so that only what has changed is built",
    ),
}


def config(folder: Path) -> Iterator[Finding]:
    """Whether the site's settings leave out all that is no post or page of the site."""
    path = folder / "_config.yml"
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        yield ok("_config.yml", "not there yet; the next run puts the site's files there")
        return
    except (OSError, UnicodeDecodeError) as error:
        yield fail("_config.yml", f"it cannot be read: {error}")
        return
    left_out, let_in = listed(text, "exclude"), listed(text, "include")
    bare = [name for name in UNPUBLISHED if not _matches(name, left_out) or _matches(name, let_in)]
    if bare:
        yield fail("_config.yml", f"by exclude: and include: Jekyll would publish {some(bare)}")
    else:
        yield ok("_config.yml", "it leaves out all that is no post or page of the site")
    if (folder / IMAGES).is_dir() and not _matches(IMAGES, let_in):
        yield warn(
            "_config.yml",
            f"posts show pictures of {IMAGES}/, which include: leaves out (docs/publishing.md)",
        )
    if scalars(text).get("future", "true") != "true":
        yield warn(
            "_config.yml", "future: true must stay, or posts are left out (docs/publishing.md)"
        )
    if foreign := _foreign(folder, left_out):
        yield warn(
            "_config.yml",
            f"Jekyll also publishes {some(foreign)}; name it under exclude: or move it away",
        )


def site(folder: Path, today: date) -> Iterator[Finding]:
    """How large the site is, how long it takes, and when that is more than GitHub Pages allows.

    Nothing where `scrapy site` has built none.
    """
    found = Budget.read(folder)
    if found is None:
        return
    said = f"{counted(found.posts, 'story')}, {size(found.bytes)}, "
    said += f"{found.seconds:.0f} s to build it whole"
    if found.rate:
        said += f"; {counted(round(found.rate), 'story')} a month"
    near = []
    for key, day in found.reached(today).items():
        limit, do = _LIMITS[key]
        if day is None:
            continue
        said += f"; {limit} {'is reached' if day <= today else f'in {day:%Y-%m}'}"
        if day <= today + SOON:
            near.append(do)
    if near:
        yield warn("site", f"{said}. {'. '.join(near)} (docs/publishing.md)")
    else:
        yield ok("site", said)


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern.strip("/")) for pattern in patterns)


def _foreign(folder: Path, patterns: list[str]) -> list[str]:
    """Names in the folder that are neither the site's nor left out."""
    ours = {entry.name for entry in (files("zaobao") / "site").iterdir()} | set(UNPUBLISHED)
    names = sorted({path.name for path in folder.iterdir()} - ours)
    seen = (name for name in names if name[0] not in "._#" and name[-1] != "~")
    return [name for name in seen if not _matches(name, patterns)]


def repository(folder: Path) -> Finding:
    """Whether git keeps what outgrows a repository."""
    home = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
    git = shutil.which("git")
    if home is None or git is None:
        return ok("git", "the folder is in no repository" if home is None else "git is not here")
    # A repository's own settings may name programs that git would run.
    command = [git, "-c", "core.fsmonitor=false", "-C", str(folder), "ls-files", "--", *_OUTGROW]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if listed.returncode:
        return warn("git", f"git cannot say what it keeps of {folder}: {listed.stderr.strip()}")
    if names := listed.stdout.split("\n")[:-1]:
        return warn(
            "git",
            f"{home} keeps {some(names)}, which outgrow a repository: "
            "git rm --cached them and name them in .gitignore (docs/publishing.md)",
        )
    return ok("git", f"{home} keeps neither state nor lines")
