"""`raw/`: story pages as they came, one WARC file a month of the crawl (ZAOBAO_RAW=on)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao.archive import disk
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zaobao.archive.warc import Entry, WarcFile

_ENDING = ".warc.gz"


class Raw:
    """The raw pages of one output folder. Methods may raise ArchiveError."""

    def __init__(self, output: Path) -> None:
        self.folder = output / "raw"
        self._file: WarcFile | None = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def add(
        self,
        story: str,
        crawled: datetime,
        listed: datetime | None,
        pages: Sequence[tuple[str, bytes]],
    ) -> None:
        """Keep the pages of a story that are not there yet, durably; crawled decides on the month.

        pages: address and bytes of each, in order; the further ones have the moment of the first.
        """
        file = self._of(f"{crawled.astimezone(SINGAPORE):%Y-%m}")
        moment = stamp(crawled)
        # The first page last: one that is there has all its further pages beside it.
        for place, (url, page) in enumerate(pages[1:], 2):
            file.add(story, moment, url, None, page, place)
        for url, page in pages[:1]:
            file.add(story, moment, url, listed.isoformat() if listed else None, page)

    def _of(self, month: str) -> WarcFile:
        from zaobao.archive.warc import WarcFile  # warcio, for those who keep raw pages

        if self._file is None or self._file.path.name != month + _ENDING:
            self.close()
            with disk.guard(self.folder, "Making"):
                if not self.folder.is_dir():
                    self.folder.mkdir()
                    disk.sync_folder(self.folder.parent)
            self._file = WarcFile(self.folder / (month + _ENDING))
        return self._file


def stamp(moment: datetime) -> str:
    """The moment of a crawl as a WARC record has it: UTC, milliseconds, `Z`."""
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def entries(output: Path) -> Iterator[tuple[Path, Entry]]:
    """Every raw page, oldest file first."""
    from zaobao.archive import warc

    for path in sorted((output / "raw").glob(f"*{_ENDING}")):
        yield from ((path, entry) for entry in warc.entries(path))


def drop(output: Path, number: str) -> int:
    """Remove every raw page of a story; how many there were. The archive must be locked.

    A killed one is whole before or after: the index goes first and is built again.
    """
    from zaobao.archive import warc

    return sum(
        warc.drop(path, number, output / ".tmp")
        for path in sorted((output / "raw").glob(f"*{_ENDING}"))
    )
