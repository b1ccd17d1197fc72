"""Jekyll and Pagefind as programs, and the folders of sources that they are given."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from zaobao import imagechecks
from zaobao.archive import disk
from zaobao.archive.folder import POSTS
from zaobao.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from hashlib import _Hash as Hash
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from zaobao.publish.parts import PostFile

PAGEFIND = ("npx", "--yes", "pagefind@1.6.0")
ROWS = "part-rows.json"
"""The file in which a part lists its posts, as Jekyll has read them."""
PLACE = "place.json"
"""The file in which Jekyll says where the site is, for the feeds."""
SITEMAP = "sitemap.xml"
IMAGES = imagechecks.FOLDER
"""The folder of kept pictures. They go into the site as they are, without Jekyll."""

_FORM = "1"
"""Of what a part is made of besides the folder's files. Another one builds every part again."""
_SHARED = ("_layouts", "_includes", "_data")
_AUDIT = "audit.json"
_WHOLE = {
    "index.html": "site.data.archive",
    "months.html": "site.data.archive",
    "sections.html": "site.data.archive",
    "keywords.html": "site.data.archive",
    "search.html": "site.data.archive",
    "assets/search.js": "dataset.parts",
}
"""Files that know of parts, and the words that tell so. A folder of an earlier version has others,
which would show the newest posts alone."""
_UI = ("*-ui.js", "*-ui.css", "pagefind-highlight.js")
_KEY = re.compile(r"([A-Za-z_]\w*):(.*)")
_TOLD = 6
"""Lines of a program's last words that are shown."""

# Jekyll 4.3.0 and 4.3.1 look through a list of all files for each one; later versions do not.
_PLUGIN = """\
module Jekyll
  class Site
    if Gem::Version.new(VERSION).between?(Gem::Version.new("4.3.0"), Gem::Version.new("4.3.1"))
      def each_site_file
        seen = {}.compare_by_identity
        [pages, static_files_to_write, docs_to_write].each do |items|
          items.each do |item|
            yield item unless seen.key?(item)
            seen[item] = true
          end
        end
      end
    end
  end
end
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the site will be; None leaves what `_config.yml` says."""

    url: str | None = None
    baseurl: str | None = None


class Jekyll:
    """Builds the site's parts and the pages that span them from the files of an output folder.

    Every method may raise SiteError.
    """

    def __init__(self, output: Path, address: Address) -> None:
        """output: the archive; it needs a `_config.yml`."""
        self.output = output
        self.address = address
        self._package = files("zaobao") / "site"
        self._running: set[subprocess.Popen[str]] = set()
        self._is_stopped = False
        self._lock = threading.Lock()
        if not (output / "_config.yml").is_file():
            raise SiteError(
                f"{output} has no _config.yml, so there is no site to build. The first crawl puts "
                "one there; ZAOBAO_OUTPUT names another folder."
            )
        if shutil.which("jekyll") is None:
            raise SiteError(
                "Jekyll is not installed: apt-get install jekyll ruby-jekyll-sitemap, "
                "or gem install jekyll jekyll-sitemap."
            )

    @property
    def older_files(self) -> list[str]:
        """The site's files that know nothing of parts; the program's own are used instead."""
        return [name for name in _WHOLE if not self._knows_parts(name)]

    @property
    def baseurl(self) -> str:
        """The path of the site below its host: as it was asked for, else `_config.yml`'s."""
        if self.address.baseurl is not None:
            return self.address.baseurl
        return scalars(self._config).get("baseurl", "")

    def base(self, *, has_keywords: bool) -> str:
        """What every part depends on besides its posts."""
        tools = f"{self._version} {PAGEFIND[-1]}"
        digest = sha256(f"{_FORM} {self.address} {has_keywords} {tools}".encode())
        digest.update((self.output / "_config.yml").read_bytes())
        _add_files(digest, self.output, self.output / "_plugins")
        for folder in _SHARED:
            shared = self._shared(folder)
            for name in sorted(shared):
                digest.update(f"\0{folder}/{name}\0".encode() + shared[name])
        return digest.hexdigest()

    def pages_base(self) -> str:
        """What the pages that span parts depend on besides the parts."""
        digest = sha256(self.base(has_keywords=False).encode())
        audit = self.output / "_data" / _AUDIT
        digest.update(audit.read_bytes() if self._has_audit else b"")
        for path in self._own_pages():
            _add_files(digest, self.output, path)
        for name in self.older_files:
            digest.update(self._package.joinpath(name).read_bytes())
        return digest.hexdigest()

    # --- sources

    def part(
        self,
        source: Path,
        posts: Iterable[PostFile],
        pages: Mapping[str, str],
        *,
        has_keywords: bool,
    ) -> None:
        """Lay out the source of one part. pages: the stubs of its list's pages, by name."""
        stubs = {f"part-{name}.html": text for name, text in pages.items()}
        rows = f"---\nlayout: null\npermalink: /{ROWS}\nsitemap: false\n---\n"
        stubs[ROWS] = rows + "{% include rows.json %}\n"
        self._lay(source, posts, stubs, has_keywords=has_keywords)

    def spanning(
        self,
        source: Path,
        posts: Iterable[PostFile],
        pages: Mapping[str, str],
        data: Mapping[str, Any],
        *,
        has_keywords: bool,
    ) -> None:
        """Lay out the source of the pages that span parts.

        posts: the newest. data: what Jekyll is to have as `site.data.<name>`.
        """
        stubs = {f"part-{name}": text for name, text in pages.items()}
        self._lay(source, posts, stubs, has_keywords=has_keywords)
        for path in self._own_pages():
            if path.is_dir():
                shutil.copytree(path, source / path.name, dirs_exist_ok=True)
            else:
                shutil.copy(path, source / path.name)
        for name in _WHOLE:
            if not self._knows_parts(name):
                (source / name).parent.mkdir(exist_ok=True)
                (source / name).write_bytes(self._package.joinpath(name).read_bytes())
        if self._has_audit:
            shutil.copy(self.output / "_data" / _AUDIT, source / "_data" / _AUDIT)
        for name, value in data.items():
            text = json.dumps(value, ensure_ascii=False)
            (source / "_data" / f"{name}.json").write_text(text, "utf-8")

    def _lay(
        self,
        source: Path,
        posts: Iterable[PostFile],
        stubs: Mapping[str, str],
        *,
        has_keywords: bool,
    ) -> None:
        source.mkdir(parents=True)
        for folder in _SHARED:
            (source / folder).mkdir()
            for name, data in self._shared(folder).items():
                (source / folder / name).parent.mkdir(exist_ok=True)
                (source / folder / name).write_bytes(data)
        own = self.output / "_plugins"
        if own.is_dir():
            shutil.copytree(own, source / "_plugins")
        (source / "_plugins").mkdir(exist_ok=True)
        (source / "_plugins" / "each_site_file.rb").write_text(_PLUGIN)
        for name, stub in stubs.items():
            (source / name).write_text(stub, "utf-8")
        (source / POSTS).mkdir()
        for post in posts:
            text = disk.read(self.output / POSTS / disk.local(post.name))
            if text is not None:  # withdrawn meanwhile
                (source / POSTS / disk.local(post.name)).write_bytes(text)
        shutil.copy(self.output / "_config.yml", source / "_config.yml")
        settings: dict[str, Any] = {
            "include": [*self._included, "part-*"],
            "parts": {"keywords": has_keywords},
            "disable_disk_cache": True,
        }
        for key, value in (("url", self.address.url), ("baseurl", self.address.baseurl)):
            if value is not None:
                settings[key] = value
        # JSON is YAML.
        (source / "_parts.yml").write_text(json.dumps(settings, ensure_ascii=False), "utf-8")

    def _shared(self, folder: str) -> dict[str, bytes]:
        """The files of a folder of layouts or data; the program's where the archive has none."""
        own = self.output / folder
        found = _texts(self._package.joinpath(folder))
        if own.is_dir():
            for path in own.rglob("*"):
                if path.is_file():
                    found[str(path.relative_to(own))] = path.read_bytes()
        if folder == "_data":
            found.pop(_AUDIT, None)
        return found

    def _own_pages(self) -> list[Path]:
        """What else lies in the folder and `_config.yml` publishes."""
        let_in = [pattern.strip("/") for pattern in self._included]
        return [
            path
            for path in sorted(self.output.iterdir())
            if path.name[0] not in "._" and path.name != IMAGES and not path.is_symlink()
            if any(fnmatchcase(path.name, pattern) for pattern in let_in)
        ]

    @property
    def shows_images(self) -> bool:
        """Whether `_config.yml` publishes the kept pictures."""
        return IMAGES in self._included

    @property
    def _included(self) -> list[str]:
        return listed(self._config, "include")

    @property
    def _config(self) -> str:
        return (self.output / "_config.yml").read_text("utf-8", "replace")

    def _knows_parts(self, name: str) -> bool:
        path = self.output / name
        return path.is_file() and _WHOLE[name].encode() in path.read_bytes()

    @property
    def _has_audit(self) -> bool:
        return (self.output / "_data" / _AUDIT).is_file()

    # --- programs

    @cached_property
    def _version(self) -> str:
        return self._run(["jekyll", "--version"], "Jekyll").strip()

    def build(self, source: Path, target: Path) -> None:
        """Build one source."""
        config = f"{source / '_config.yml'},{source / '_parts.yml'}"
        self._run(
            ["jekyll", "build", "-q", "-s", str(source), "-d", str(target), "--config", config],
            "Jekyll",
        )

    def index(self, target: Path, place: str) -> None:
        """Write Pagefind's index of the pages of `target` into its folder `place`."""
        self._run(
            [*PAGEFIND, "--quiet", "--site", str(target), "--output-subdir", place], "Pagefind"
        )
        for pattern in _UI:
            for path in (target / place).glob(pattern):
                path.unlink()

    def stop(self) -> None:
        """End the programs that run, in whichever thread, and start none any more."""
        with self._lock:
            self._is_stopped = True
            for program in self._running:
                program.terminate()

    def _run(self, command: list[str], name: str) -> str:
        """Run a program to its end; what it said."""
        with self._lock:
            if self._is_stopped:
                raise SiteError(f"{name} was not started: the build was stopped.")
            program = subprocess.Popen(  # noqa: S603 (our own command line, without a shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
            self._running.add(program)
        try:
            said = program.communicate()[0]
        except BaseException:
            program.terminate()
            program.wait()
            raise
        finally:
            with self._lock:
                self._running.discard(program)
        if program.returncode:
            lines = [line.strip() for line in said.splitlines() if line.strip()]
            # Ruby's error stands above its backtrace.
            lines = [line for line in lines if not line.startswith("from /")] or lines
            told = "\n".join(f"  {line}" for line in lines[-_TOLD:])
            raise SiteError(f"{name} ended with exit code {program.returncode}:\n{told}")
        return said


def can_index() -> bool:
    """Whether there is what runs Pagefind."""
    return shutil.which(PAGEFIND[0]) is not None


def _add_files(digest: Hash, base: Path, path: Path) -> None:
    """Let a digest depend on a file, or on all files of a folder; it may be missing."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(f"\0{file.relative_to(base)}\0".encode("utf-8", "surrogateescape"))
            digest.update(file.read_bytes())


def _texts(folder: Traversable, start: str = "") -> dict[str, bytes]:
    found = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found.update(_texts(entry, f"{start}{entry.name}/"))
        else:
            found[f"{start}{entry.name}"] = entry.read_bytes()
    return found


def scalars(text: str) -> dict[str, str]:
    """The values at the top of a _config.yml that stand behind their keys, without comments and
    quotation marks."""
    found = filter(None, map(_KEY.fullmatch, text.splitlines()))
    return {one[1]: _plain(one[2]) for one in found}


def listed(text: str, key: str) -> list[str]:
    """The members of `exclude:` or `include:` in a _config.yml, on own lines or in brackets."""
    _, found, rest = f"\n{text}".partition(f"\n{key}:")
    first, _, below = rest.partition("\n")
    if first.strip().startswith("["):
        members = rest.strip()[1:].partition("]")[0].split(",")
    else:
        items = takewhile(lambda line: not _KEY.match(line), below.splitlines())
        members = [line.strip()[1:] for line in items if line.strip().startswith("-")]
    return [plain for plain in map(_plain, members) if found and plain]


def _plain(value: str) -> str:
    return re.sub(r"(?:^|\s)#.*", "", value).strip().strip("\"'")
