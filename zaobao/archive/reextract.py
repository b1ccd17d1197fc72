"""Posts and lines once more from the raw pages, on all cores, as a crawl would write them now.

Each line of `articles.jsonl` is read again from the page of its moment; its id,
address, revision and post stay. What comes out the same is not written.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from zaobao import posts
from zaobao.archive import raw
from zaobao.archive.rebuild import Rebuilder, Result, Task
from zaobao.archive.record import doubt_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.store import Store
    from zaobao.options import Options

_CHUNK = 8


@dataclass(slots=True)
class Summary:
    """Counts of a whole run, and a sentence for each story that changed or could not be read."""

    same: int = 0
    posts: int = 0
    without_raw: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    changed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def reextract(
    store: Store, options: Options, ids: Iterable[str] = (), month: str | None = None
) -> Summary:
    """Rebuild the posts of all stories, of these ids or numbers, or of one month (`2026-11`).

    Killed and run again it ends the same: posts first, then all lines at once,
    then the state.
    """
    numbers = {story_id.rpartition("-")[2] for story_id in ids}
    summary = Summary()
    tasks = list(_tasks(store.archive, numbers, (month or "").replace("-", ""), summary))
    changed: dict[int, Result] = {}
    for result in _results(tasks, options):
        _take(result, summary)
        if result.line is not None:
            changed[result.task.start] = result
    if changed:
        _write_lines(store, changed)
    return summary


def _take(result: Result, summary: Summary) -> None:
    summary.posts += result.post_written
    if result.trouble:
        summary.failed.append(f"{result.id} revision {result.revision}: {result.trouble}")
    elif result.line is None and not result.post_written:
        summary.same += 1
    else:
        summary.fields.update(result.fields)
        what = ", ".join(result.fields) or "the post alone"
        summary.changed.append(f"{result.id} revision {result.revision}: {what}{result.why}")


# --- which lines, and their pages


def _tasks(archive: Archive, numbers: set[str], month: str, summary: Summary) -> Iterator[Task]:
    pages = {(e.number, e.crawled): (path, e) for path, e in raw.entries(archive.folder)}
    found: dict[str, list[tuple[int, int, dict[str, Any]]]] = {}
    start = 0
    for end, values in archive.lines():
        number, story_id = str(values.get("id")).rpartition("-")[2], str(values.get("id"))
        if (not numbers or number in numbers) and story_id.startswith(month):
            kept = {key: values.get(key) for key in ("revision", "crawled", "layout")}
            found.setdefault(number, []).append((start, end, kept))
        start = end
    for number, lines in found.items():
        for begin, end, values in lines:
            page = pages.get((number, _stamp(values["crawled"])))
            if page is None:
                summary.without_raw += 1
                continue
            current = values is lines[-1][2]
            old = values["layout"] == "generic" and not current
            yield Task(begin, end, *page, current, old)


def _stamp(crawled: object) -> str:
    try:
        return raw.stamp(datetime.fromisoformat(str(crawled)))
    except ValueError:
        return ""


_worker: Rebuilder


def _start(options: Options) -> None:
    global _worker
    _worker = Rebuilder(options)


def _rebuild(task: Task) -> Result:
    return _worker.rebuild(task)


def _results(tasks: list[Task], options: Options) -> Iterator[Result]:
    if not tasks:
        return
    with get_context("fork").Pool(os.cpu_count(), _start, (options,)) as pool:
        yield from pool.imap_unordered(_rebuild, tasks, _CHUNK)


# --- all lines at once


def _write_lines(store: Store, changed: dict[int, Result]) -> None:
    """Put the new lines in place of the old ones, and their digests into the state.

    The state's length goes first: a run that finds none reads all lines again.
    """
    archive, state = store.archive, store.state
    state.distrust()
    parts = {start: (r.task.end, r.line or b"") for start, r in changed.items()}
    length = archive.replace_lines(parts)
    with state.batch():
        for result in changed.values():
            values = result.values
            known = state.get(result.task.entry.number)
            if result.task.current and known is not None:
                kept = {key: values[key] for key in ("digest", "layout", "access", "revision")}
                moment = posts.moment(values["published"])
                known = replace(known, **kept, published=moment, reason=doubt_in(values))
                state.remember(known, length=None)
        state.length = length
