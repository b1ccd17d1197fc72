"""At a run's start: the state learns what the folder holds; what a dead run left is completed."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zaobao import posts, urls
from zaobao.archive.exclusions import Exclusions, number_of
from zaobao.archive.folder import POSTS, Archive
from zaobao.archive.record import Record, doubt_in
from zaobao.exporters import JekyllPostExporter
from zaobao.items import PROVISIONAL, Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zaobao.archive.state import State
    from zaobao.options import Options

logger = logging.getLogger(__name__)

_CHUNK = 500
"""Lines in one transaction."""


def agree(archive: Archive, state: State, options: Options, excluded: Exclusions) -> None:
    """Bring the state up to the lines and posts; build it anew when it is empty or ahead."""
    length = state.length
    if length is not None and length == archive.length:
        return
    if length is not None and length > archive.length:
        logger.warning(
            "articles.jsonl is shorter than at the end of the last run; posts whose lines are "
            "lost get new ones."
        )
        state.forget_written()
        length = None
    unfinished: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(archive.lines(length or 0)):
        with state.batch():
            for line in chunk:
                if number_of(str(line.get("id"))) in excluded.withdrawn:
                    continue
                _take_line(archive, state, line, unfinished)
    _finish(archive, state, JekyllPostExporter(options), unfinished)
    if length is None:
        from zaobao.archive.adopt import adopt  # only for posts that the state does not know

        summary = adopt(
            archive,
            state,
            archive.folder,
            legacy_times=options.legacy_times,
            exclude=excluded,
        )
        if summary.found:
            logger.info("The state was built from what the folder holds: %s", summary)
    state.length = archive.length


def _chunks(lines: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for _, line in lines:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _take_line(
    archive: Archive, state: State, line: dict[str, Any], unfinished: dict[str, dict[str, Any]]
) -> None:
    """Take over one line that the state does not remember; unfinished: those without their post."""
    story = urls.story(str(line.get("url")))
    file, revision = line.get("post"), line.get("revision")
    if story is None or not isinstance(file, str) or not isinstance(revision, int):
        logger.warning(
            "articles.jsonl: a line without url, post or revision was passed over: %.200s", line
        )
        return
    data = archive.read_post(file) if file.startswith(f"{POSTS}/") else None
    known = state.get(story.number) or Record.of(story)
    if data is None or _is_earlier(archive, str(line.get("id")), revision, data):
        newer = known.status != "written" or revision > (known.revision or PROVISIONAL)
        if line.get("layout") != "adopted" and newer:
            unfinished[story.number] = line
        return
    unfinished.pop(story.number, None)
    state.remember(
        _written(known, story, line, posts.gone(data)),
        length=None,
        files=() if known.file in (None, file) else (file,),
    )


def _finish(
    archive: Archive,
    state: State,
    exporter: JekyllPostExporter,
    unfinished: dict[str, dict[str, Any]],
) -> None:
    """Write the posts that a dead run did not come to, from their lines."""
    for number, line in unfinished.items():
        try:
            article = Article.from_dict(line)
            post = exporter.post(article)
        except ValueError as error:
            logger.warning("%s: its post cannot be written from its line: %s", line["id"], error)
            continue
        archive.write_post(line["post"].removeprefix(f"{POSTS}/"), post)
        story = urls.StoryUrl.of(article.url)
        known = state.get(number) or Record(number, article.id, article.url)
        state.remember(_written(known, story, line, None), length=None)
        logger.info("%s: its post was completed from its line", article.id)


def _is_earlier(archive: Archive, story_id: str, revision: int, data: bytes) -> bool:
    """Whether the post still is the text before this revision, which is kept since then."""
    return revision > PROVISIONAL and archive.read_revision(story_id, revision - 1) == data


def _written(
    known: Record, story: urls.StoryUrl, line: dict[str, Any], gone: datetime | None
) -> Record:
    published, crawled = posts.moment(line.get("published")), posts.moment(line.get("crawled"))
    return replace(
        known,
        id=story.id,
        url=story.canonical,
        urls=tuple(url for url in known.urls if url != story.canonical),
        file=known.file or line["post"],
        digest=line.get("digest"),
        published=published,
        access=line.get("access"),
        reason=doubt_in(line),
        revision=line["revision"],
        layout=line.get("layout"),
        first_seen=known.first_seen or crawled or published or datetime.now(UTC),
        last_checked=crawled or known.last_checked,
        gone=gone,
    )
