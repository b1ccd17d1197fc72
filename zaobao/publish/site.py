"""The built site: which parts have changed, their building, and how they take the old ones' place.

Below the site lies `.parts/` with a note on each part and, while something is built, `new/`. All
is built there first; then the files take their places, each in one step. So whatever fails while
building leaves the site as it was, and after a kill the next build goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaobao import progress
from zaobao.archive import disk, images
from zaobao.archive.folder import POSTS
from zaobao.archive.lock import Lock
from zaobao.errors import SiteError
from zaobao.publish import calendar, feeds, jekyll, parts
from zaobao.publish.budget import Budget
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from zaobao.publish.parts import PostFile

NOTES = ".parts"
RECENT = 500
"""Of the newest posts, those that the start page and the feed choose from."""
SECTION_ROWS, FEWEST_ROWS = 600, 10
"""Rows of all lists of the page of sections together, and of each at least."""
WORDS, WORD_ROWS, MOST_ROWS = 300, 500, 20
"""Keywords on their page, rows of all their lists together, and of each at most."""
_SPANNING = "pages"


@dataclass(slots=True)
class Part:
    """What `.parts/` notes of a part, or of the pages that span parts.

    stamp: of what it was built from; None while it is put in place. files: its files in the site.
    seconds: that its building took. rows: its posts, the newest first, as lists show them.
    days: for each day of them the page that lists it.
    """

    stamp: str | None
    files: list[str] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0
    has_index: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    days: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. built: the months. lost: files that Jekyll made no page of."""

    built: list[str]
    posts: int
    bytes: int
    seconds: float
    has_index: bool
    lost: list[str]


class Site:
    """A site built from an output folder. Every method may raise SiteError or ArchiveError."""

    def __init__(self, output: Path, target: Path, address: jekyll.Address) -> None:
        """target: the folder of the site; a new one, or one that an earlier build made."""
        self.output, self.target = output, target
        self._notes, self._new = target / NOTES, target / NOTES / "new"
        self._jekyll = jekyll.Jekyll(output, address)
        self._has_index = jekyll.can_index()
        self._check_target()

    @property
    def older_files(self) -> list[str]:
        """Files of the folder that know nothing of parts, and that the program's stand in for."""
        return self._jekyll.older_files

    @property
    def baseurl(self) -> str:
        """The path of the site below its host, as it is built."""
        return self._jekyll.baseurl

    def _check_target(self) -> None:
        target, output = self.target.resolve(), self.output.resolve()
        if target == output or target in output.parents:
            raise SiteError(f"{target} holds the archive itself: name another folder.")
        is_own = target == output / "_site" or (target / NOTES).is_dir()
        if not is_own and target.exists() and any(target.iterdir()):
            raise SiteError(
                f"{target} is not empty, and no build of this program made it: "
                "name a folder that is empty or not there yet."
            )

    def build(self, command: str, workers: int) -> Built:
        """Build what has changed and put it in place.

        command: for the message of a second build. workers: parts that are built side by side.
        """
        with disk.guard(self._notes, "Making"):
            self._new.mkdir(parents=True, exist_ok=True)
        lock = Lock(self._notes / "lock", command)
        try:
            with disk.guard(self.target, "Writing"):
                return self._build(workers)
        finally:
            lock.release()

    def _build(self, workers: int) -> Built:
        posts = parts.read_posts(self.output / POSTS, self._notes / "posts.json")
        months = parts.by_month(posts)
        has_keywords = any(post.has_keywords for post in posts)
        base = f"{self._jekyll.base(has_keywords=has_keywords)} {self._has_index}"
        stamps = {month: parts.stamp(base, found) for month, found in months.items()}
        before = {path.stem: _read(path) for path in self._notes.glob("[0-9]*.json")}
        changed = [month for month in months if self._is_changed(before.get(month), stamps[month])]
        fresh = self._build_parts(changed, months, stamps, workers, has_keywords=has_keywords)
        current = {month: fresh.get(month) or before[month] for month in months}
        gone = [month for month in before if month not in months]
        spanning = self._build_spanning(
            months, current, base=self._jekyll.pages_base() + base, has_keywords=has_keywords
        )
        if spanning:
            fresh[_SPANNING] = spanning
        self._put_in_place(fresh, before, gone, current)
        image_bytes = self._put_images()
        whole = [*current.values(), spanning or _read(self._notes / f"{_SPANNING}.json")]
        budget = Budget(
            posts=sum(len(part.rows) for part in current.values()),
            bytes=sum(part.bytes for part in whole) + image_bytes,
            seconds=round(sum(part.seconds for part in whole), 1),
            stories={month: len(part.rows) for month, part in current.items()},
        )
        budget.write(self.output)
        shown = {row["file"] for month in changed for row in current[month].rows}
        lost = [post.name for month in changed for post in months[month] if post.name not in shown]
        return Built(
            changed,
            budget.posts,
            budget.bytes,
            sum(part.seconds for part in fresh.values()),
            self._has_index,
            lost,
        )

    def _is_changed(self, before: Part | None, stamp: str) -> bool:
        if before is None or before.stamp != stamp:
            return True
        return not self._is_there(before)

    def _is_there(self, part: Part) -> bool:
        """Whether the site has all files of a part, and they are as long as they were."""
        size = 0
        for file in part.files:
            try:
                # A Path for each of some 300,000 files would take seconds.
                size += os.stat(f"{self.target}/{file}").st_size  # noqa: PTH116
            except FileNotFoundError:
                return False
        return size == part.bytes

    # --- building

    def _build_parts(
        self,
        changed: Sequence[str],
        months: Mapping[str, list[PostFile]],
        stamps: Mapping[str, str],
        workers: int,
        *,
        has_keywords: bool,
    ) -> dict[str, Part]:
        """Build the parts into `new/`; what an earlier build has left there is taken."""
        for path in self._new.iterdir():
            if path.is_dir() and path.name not in changed:
                # A Jekyll that has outlived a killed build may still be writing there.
                shutil.rmtree(path, ignore_errors=True)
            elif not path.is_dir():
                _remove(path)

        def one(month: str) -> Part:
            left = _read(self._new / month / "part.json")
            if left.stamp == stamps[month]:
                return left
            return self._build_part(month, months[month], stamps[month], has_keywords=has_keywords)

        built = {}
        with (
            ThreadPoolExecutor(max(1, workers)) as pool,
            progress.bar("months of the site", len(changed)) as advance,
        ):
            waiting = {pool.submit(one, month): month for month in changed}
            try:
                for done in as_completed(waiting):
                    built[waiting[done]] = done.result()
                    advance(1)
            except BaseException as error:
                if not isinstance(error, Exception):  # Ctrl-C or SIGTERM waits for no Jekyll
                    self._jekyll.stop()
                pool.shutdown(cancel_futures=True)
                raise
        return built

    def _build_part(
        self, month: str, posts: Sequence[PostFile], stamp: str, *, has_keywords: bool
    ) -> Part:
        home = self._workshop(month)
        start = time.monotonic()
        pages = parts.pages(posts)
        stubs = {
            f"month-{number}": _month_stub(month, number, len(pages), first, count)
            for number, (first, count) in enumerate(pages, 1)
        }
        self._jekyll.part(home / "source", posts, stubs, has_keywords=has_keywords)
        built = home / "site"
        self._jekyll.build(home / "source", built)
        rows = json.loads((built / jekyll.ROWS).read_bytes())
        (built / jekyll.ROWS).unlink()
        (built / "robots.txt").unlink(missing_ok=True)
        if (built / jekyll.SITEMAP).exists():
            (built / jekyll.SITEMAP).rename(built / f"sitemap-{month}.xml")
        if self._has_index:
            self._jekyll.index(built, f"pagefind/{month}")
        _remove(home / "source")
        part = Part(stamp, has_index=self._has_index, rows=rows)
        part.files, part.bytes = _listed(built)
        part.seconds = round(time.monotonic() - start, 2)
        for number, (first, count) in enumerate(pages, 1):
            for row in rows[first : first + count]:
                part.days.setdefault(_day(row), number)
        self._finish(home, month, part)
        return part

    def _workshop(self, name: str) -> Path:
        """A folder to build in, of this build alone.

        After SIGKILL the Jekyll of the killed build goes on writing, into its own folder.
        """
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._new))

    def _finish(self, home: Path, name: str, part: Part) -> None:
        """Let what is built whole lie under the name by which it is found."""
        _write(home / "part.json", part)
        _remove(self._new / name)
        home.replace(self._new / name)

    def _build_spanning(
        self,
        months: Mapping[str, list[PostFile]],
        current: Mapping[str, Part],
        *,
        base: str,
        has_keywords: bool,
    ) -> Part | None:
        """Build the pages that span parts, where they have changed."""
        seen = sha256(base.encode())
        for month, part in current.items():
            seen.update(f"\0{month} {part.stamp}".encode())
        stamp, before = seen.hexdigest(), _read(self._notes / f"{_SPANNING}.json")
        if before.stamp == stamp and self._is_there(before):
            return None
        home = self._workshop(_SPANNING)
        start = time.monotonic()
        drawn = self._calendar(current)
        years = list(drawn.years)
        stubs = {f"calendar-{year}.html": _year_stub(str(year), str(year)) for year in years}
        if years:
            stubs["calendar.html"] = _year_stub("", str(years[0]))
        stubs["sitemaps.xml"] = (
            "---\nlayout: null\npermalink: /sitemap-index.xml\nsitemap: false\n---\n"
            "{% include sitemaps.xml %}\n"
        )
        stubs[jekyll.PLACE] = (
            f"---\nlayout: null\npermalink: /{jekyll.PLACE}\nsitemap: false\n---\n"
            '{"home":{{ "/" | absolute_url | jsonify }},"title":{{ site.title | jsonify }},'
            '"section_names":{{ site.data.sections | jsonify }}}\n'
        )
        newest = [post for posts in months.values() for post in posts][:RECENT]
        data = {"archive": _data(current), "calendar": _with_pages(drawn.as_data(), current)}
        with progress.bar("pages of the whole site", None):
            self._jekyll.spanning(home / "source", newest, stubs, data, has_keywords=has_keywords)
            built = home / "site"
            self._jekyll.build(home / "source", built)
        self._leave_posts_out(built, current)
        if (built / jekyll.SITEMAP).exists():
            (built / jekyll.SITEMAP).rename(built / "sitemap-pages.xml")
            (built / "sitemap-index.xml").rename(built / jekyll.SITEMAP)
        self._add_feeds(built, current, data["archive"]["feeds"])
        _remove(home / "source")
        part = Part(stamp)
        part.files, part.bytes = _listed(built)
        part.seconds = round(time.monotonic() - start, 2)
        self._finish(home, _SPANNING, part)
        return part

    def _add_feeds(
        self, built: Path, current: Mapping[str, Part], words: Mapping[str, str]
    ) -> None:
        """Write the feeds by section and keyword, where Jekyll says that the site is."""
        place = feeds.Place(**json.loads((built / jekyll.PLACE).read_bytes()))
        (built / jekyll.PLACE).unlink()
        chosen = feeds.choose(_rows(current), words, place)
        feeds.write(chosen, place, self.output / POSTS, built)

    def _leave_posts_out(self, built: Path, current: Mapping[str, Part]) -> None:
        """The parts have the pages of the newest posts already."""
        theirs = {file for part in current.values() for file in part.files}
        for file in _listed(built)[0]:
            if file in theirs:
                (built / file).unlink()

    def _calendar(self, current: Mapping[str, Part]) -> calendar.Calendar:
        counts = Counter(
            date.fromisoformat(_day(row)) for part in current.values() for row in part.rows
        )
        audits = calendar.audits(self.output / "_data" / "audit.json")
        return calendar.Calendar.of(counts, audits)

    # --- putting in place

    def _put_in_place(
        self,
        fresh: Mapping[str, Part],
        before: Mapping[str, Part],
        gone: Iterable[str],
        current: Mapping[str, Part],
    ) -> None:
        """Move what was built into the site, and remove what no part has any more.

        Where this is cut off, the parts concerned have no stamp and are built again.
        """
        known = {**before, _SPANNING: _read(self._notes / f"{_SPANNING}.json")}
        is_first = not any(part.stamp for part in known.values())
        for name, part in fresh.items():
            files = sorted({*part.files, *known.get(name, Part(None)).files})
            _write(self._notes / f"{name}.json", Part(None, files))
            (self._new / name / "part.json").unlink()
        for name, part in fresh.items():
            self._move(self._new / name / "site", part.files)
        kept = {file for part in (*current.values(), *fresh.values()) for file in part.files}
        if _SPANNING not in fresh:
            kept.update(known[_SPANNING].files)
        for name in (*fresh, *gone):
            for file in known.get(name, Part(None)).files:
                if file not in kept:
                    self._drop(file)
        if is_first:
            self._sweep(kept)
        for name in gone:
            (self._notes / f"{name}.json").unlink()
        for name, part in fresh.items():
            _write(self._notes / f"{name}.json", part)
        for name in fresh:  # last: the folders of a large site take their time
            _remove(self._new / name)

    def _put_images(self) -> int:
        """Let the site have the kept pictures, which are named by their content; their bytes."""
        source, target = self.output / jekyll.IMAGES, self.target / jekyll.IMAGES
        names = images.files(source) if self._jekyll.shows_images else []
        size = sum((source / name).stat().st_size for name in names)
        there = set(_listed(target)[0])
        for name in there.difference(names):
            self._drop(f"{jekyll.IMAGES}/{name}")
        for name in (name for name in names if name not in there):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                (target / name).hardlink_to(source / name)
            except OSError:  # on another file system
                new = self._new / "image"
                shutil.copyfile(source / name, new)
                new.replace(target / name)
        return size

    def _move(self, built: Path, files: Iterable[str]) -> None:
        made = set()
        for file in files:
            place = self.target / file
            if place.parent not in made:
                place.parent.mkdir(parents=True, exist_ok=True)
                made.add(place.parent)
            (built / file).replace(place)

    def _drop(self, file: str) -> None:
        place = self.target / file
        place.unlink(missing_ok=True)
        for folder in place.parents:
            if folder == self.target:
                break
            with suppress(OSError):  # it still holds others
                folder.rmdir()

    def _sweep(self, kept: Iterable[str]) -> None:
        """Remove what a `jekyll build` by hand had left."""
        tops = {NOTES, jekyll.IMAGES, *(file.partition("/")[0] for file in kept)}
        for path in self.target.iterdir():
            if path.name not in tops:
                _remove(path)


def _month_stub(month: str, number: int, pages: int, first: int, count: int) -> str:
    year, name = month.split("-")
    turn = f"，第{number}页" if pages > 1 else ""
    place = f"{number}/" if number > 1 else ""
    return (
        f"---\nlayout: default\ntitle: {year}年{int(name)}月{turn}\nnav: months\n"
        f"permalink: /months/{month}/{place}\nmonth: '{month}'\nnumber: {number}\n"
        f"pages: {pages}\nfirst: {first}\ncount: {count}\n---\n{{% include month.html %}}\n"
    )


def _year_stub(place: str, year: str) -> str:
    path = f"/calendar/{place}/" if place else "/calendar/"
    return (
        f"---\nlayout: default\ntitle: {year}年日历\nnav: calendar\npermalink: {path}\n"
        f"year: '{year}'\n---\n{{% include calendar.html %}}\n"
    )


def _day(row: Mapping[str, Any]) -> str:
    return f"{datetime.fromtimestamp(row['date'], SINGAPORE):%Y-%m-%d}"


def _data(current: Mapping[str, Part]) -> dict[str, Any]:
    """What the pages that span parts show, as `site.data.archive`."""
    counts: Counter[str] = Counter()
    sections: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    words: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    used: Counter[str] = Counter()
    for row in _rows(current):
        counts[row["section"]] += 1
        if len(sections[row["section"]]) < SECTION_ROWS:
            sections[row["section"]].append(row)
        for word in row.get("words", ()):
            used[word] += 1
            if len(words[word]) < MOST_ROWS:
                words[word].append(row)
    most = max(FEWEST_ROWS, SECTION_ROWS // max(len(sections), 1))
    shown = [word for word, _ in used.most_common(WORDS)]
    each = max(1, min(MOST_ROWS, WORD_ROWS // max(len(shown), 1)))
    return {
        "total": sum(counts.values()),
        "parts": [month for month, part in current.items() if part.has_index],
        "months": [{"name": name, "count": len(part.rows)} for name, part in current.items()],
        "sections": [
            {
                "name": name,
                "count": counts[name],
                "items": sections[name][:most],
                "feed": feeds.section_name(name),
            }
            for name in sorted(sections)
        ],
        "words": len(used),
        "tags": {word: words[word][:each] for word in shown},
        "feeds": {word: feeds.keyword_name(word) for word in shown[: feeds.WORDS]},
        "uses": {word: used[word] for word in shown},
    }


def _rows(current: Mapping[str, Part]) -> Iterator[dict[str, Any]]:
    for part in current.values():
        yield from part.rows


def _with_pages(
    years: list[dict[str, Any]], current: Mapping[str, Part]
) -> dict[str, dict[str, Any]]:
    """The calendar's years by name, each day with the address that lists it."""
    for year in years:
        for month in year["months"]:
            pages = current[month["name"]].days if month["name"] in current else {}
            for day in month["days"]:
                if number := pages.get(day["name"]):
                    turn = f"{number}/" if number > 1 else ""
                    day["url"] = f"/months/{month['name']}/{turn}#{day['name']}"
    return {year["name"]: year for year in years}


def _listed(folder: Path) -> tuple[list[str], int]:
    """Every file below a folder, and their bytes together."""
    names, size = [], 0
    for where, _, files in os.walk(folder):
        for file in files:
            path = Path(where, file)
            names.append(disk.utf8(str(path.relative_to(folder))))
            size += path.stat().st_size
    return sorted(names), size


def _read(path: Path) -> Part:
    """A note; where there is none, or it cannot be read, one that is out of date."""
    try:
        return Part(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return Part(None)


def _write(path: Path, part: Part) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(part)), "ascii")
    new.replace(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def default_workers() -> int:
    """As many as there are cores."""
    return os.cpu_count() or 1
