"""The output folder and its state, opened together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter

from zaobao.archive.exclusions import Exclusions
from zaobao.archive.folder import Archive
from zaobao.archive.recovery import agree
from zaobao.archive.state import State
from zaobao.errors import ArchiveError
from zaobao.items import Extraction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from zaobao.items import Article
    from zaobao.options import Options


@dataclass(slots=True, weakref_slot=True)
class Store:
    """What a run writes to; a context manager that closes both."""

    archive: Archive
    state: State
    exclude: Exclusions = field(default_factory=Exclusions)
    _extractions: dict[str, Extraction] = field(default_factory=dict, init=False)
    _broken: ArchiveError | None = field(default=None, init=False)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around each step of writing a story: its line, its post, its row in the state.

        When one fails, nothing more is written by this run: the next story's row
        would remember a length of articles.jsonl with a line in it whose story is
        not known, and the next run would write that line once more.
        """
        if self._broken:
            raise self._broken
        try:
            yield
        except ArchiveError as error:
            self._broken = error
            raise

    def expect(self, extraction: Extraction) -> None:
        """Keep what was noticed about an item until the pipelines are done with it."""
        self._extractions[_number(extraction.article)] = extraction

    def extraction(self, item: Article) -> Extraction:
        """What was noticed about an item; nothing about one that no spider of ours read."""
        return self._extractions.get(_number(item)) or Extraction(item)

    def done(self, item: Any) -> None:
        """Drop what was kept for an item."""
        self._extractions.pop(_number(item), None)

    def close(self) -> None:
        """Close the state and let the next run in. It can be called twice."""
        self.state.close()
        self.archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _number(item: Any) -> str:
    return str(ItemAdapter(item).get("id")).partition("-")[2]


def open_store(options: Options, command: str) -> Store:
    """Open `options.output` for writing, so that its state knows all of its posts.

    What a killed run left is completed first, and posts without state are
    adopted. command: what this run is, for the message of a second run.
    ArchiveError when the folder cannot be written or is in use.
    """
    archive = Archive(options.output, command)
    try:
        excluded = Exclusions.read(archive.folder)
        state = State(archive.state_path)
        try:
            agree(archive, state, options, excluded)
        except BaseException:
            state.close()
            raise
    except BaseException:
        archive.close()
        raise
    return Store(archive, state, excluded)
