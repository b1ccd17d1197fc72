"""Opening an archive: bring its state up to lines and posts, complete what a killed run left."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from zaobao import posts, progress, times, urls
from zaobao.archive.adopt import ADOPTED, adopt
from zaobao.archive.exclusions import number_of
from zaobao.archive.folder import POSTS, Archive
from zaobao.archive.group import MOST
from zaobao.archive.record import Record, why_suspect
from zaobao.exporters import JekyllPostExporter
from zaobao.items import PROVISIONAL, Article

if TYPE_CHECKING:
    from datetime import datetime

    from zaobao.options import Options

logger = logging.getLogger(__name__)

_GROUP = 5000
"""Lines that are taken over in one transaction."""


def open_archive(options: Options, command: str) -> Archive:
    """Open `options.output` for writing, so that its state knows all of its posts.

    What a killed run left is completed first, and posts without state are
    adopted. command: what this run is, for the message of a second run.
    ArchiveError when the folder cannot be written or is in use.
    """
    archive = Archive(options.output, command)
    try:
        _Recovery(archive, options).run()
    except BaseException:
        archive.close()
        raise
    return archive


class _Recovery:
    """Brings the state up to lines and posts; builds it anew when it is empty or ahead of them."""

    def __init__(self, archive: Archive, options: Options) -> None:
        self.archive, self.state, self.options = archive, archive.state, options
        self.unfinished: dict[str, dict[str, Any]] = {}
        """By the story's number, the last line whose post was not written."""

    def run(self) -> None:
        archive, state = self.archive, self.state
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
        if length is not None:
            archive.cut_hole(length)
        self._take_all(length or 0)
        self._finish()
        if length is None:
            summary = adopt(archive, archive.folder, legacy_times=self.options.legacy_times)
            if summary.found:
                logger.info("The state was built from what the folder holds: %s", summary)
        state.length = archive.length

    def _take_all(self, start: int) -> None:
        """Take over the lines from the byte `start` on, each group in one transaction."""
        lines = self.archive.lines(start)
        taken = _GROUP
        with progress.bar("reading lines, bytes", self.archive.length - start) as advance:
            while taken == _GROUP:
                taken = 0
                with self.state.batch():
                    for end, line in islice(lines, _GROUP):
                        self._take(line)
                        taken += 1
                        advance(end - start)
                        start = end

    def _take(self, line: dict[str, Any]) -> None:
        """Take over one line that the state does not know yet."""
        if number_of(str(line.get("id"))) in self.archive.exclusions.withdrawn:
            return
        story = urls.story(str(line.get("url")))
        file, revision = line.get("post"), line.get("revision")
        if story is None or not isinstance(file, str) or not isinstance(revision, int):
            logger.warning(
                "articles.jsonl: a line without url, post or revision was passed over: %.200s", line
            )
            return
        data = self.archive.read_post(file) if file.startswith(f"{POSTS}/") else None
        record = self.state.get(story.number) or Record.of(story)
        if data is None or self._is_earlier(str(line.get("id")), revision, data):
            is_newer = record.status != "written" or revision > (record.revision or PROVISIONAL)
            if line.get("layout") != ADOPTED and is_newer:
                self.unfinished[story.number] = line
            return
        self.unfinished.pop(story.number, None)
        self.state.remember(
            _written(record, story, line, posts.gone(data)),
            files=() if record.file in (None, file) else (file,),
        )

    @cached_property
    def _revised(self) -> set[str]:
        return self.archive.revised()

    def _is_earlier(self, story_id: str, revision: int, post: bytes) -> bool:
        """Whether the post still is the text before this revision, which is kept since then."""
        if revision <= PROVISIONAL or story_id not in self._revised:
            return False
        return self.archive.read_revision(story_id, revision - 1) == post

    def _finish(self) -> None:
        """Write the posts that a killed run did not get to, from their lines."""
        exporter = JekyllPostExporter(self.options)
        for number, line in self.unfinished.items():
            try:
                article = Article.from_dict(line)
                post = exporter.post(article)
            except ValueError as error:
                logger.warning(
                    "%s: its post cannot be written from its line: %s", line["id"], error
                )
                continue
            story = urls.StoryUrl.of(article.url)
            record = self.state.get(number) or Record(number, article.id, article.url)
            written = _written(record, story, line, None)
            self.archive.group.add(written, posts={line["post"]: post})
            logger.info("%s: its post was completed from its line", article.id)
            if len(self.archive.group) >= MOST:
                self.archive.close_group()
        self.archive.close_group()


def _written(
    record: Record, story: urls.StoryUrl, line: dict[str, Any], gone: datetime | None
) -> Record:
    published, crawled = posts.moment(line.get("published")), posts.moment(line.get("crawled"))
    return replace(
        record,
        id=story.id,
        url=story.canonical,
        urls=tuple(url for url in record.urls if url != story.canonical),
        file=record.file or line["post"],
        digest=line.get("digest"),
        published=published,
        access=line.get("access"),
        reason=why_suspect(line),
        revision=line["revision"],
        layout=line.get("layout"),
        first_seen=record.first_seen or crawled or published or times.now(),
        last_checked=crawled or record.last_checked,
        gone=gone,
    )
