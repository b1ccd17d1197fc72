"""`scrapy withdraw ID`: remove a story from the archive, and keep it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console, urls
from zaobao.archive.exclusions import number_of
from zaobao.archive.recovery import open_archive
from zaobao.errors import ArchiveError
from zaobao.options import Options

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when the story was not in the archive, or the archive cannot be written.

    The tombstone is left in either case: who asks for a story to be withdrawn
    does not want it tomorrow either.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] ID"

    def short_desc(self) -> str:
        return "Remove a story from posts, lines, revisions, raw and quarantine, for ever"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        number = number_of(args[0]) if len(args) == 1 else None
        if number is None:
            raise UsageError("it takes one story: an id like 20210902-1189718, or its address")
        story = urls.story(args[0])
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        try:
            self.exitcode = self._withdraw(options, number, story.id if story else args[0])
        except ArchiveError as error:
            console.note(f"{error}\n")
            self.exitcode = 1

    def _withdraw(self, options: Options, number: str, given: str) -> int:
        from zaobao.archive.withdraw import withdraw  # every scrapy command loads this file

        with open_archive(options, f"scrapy withdraw {given}") as archive:
            before = number in archive.exclusions.withdrawn
            found = withdraw(archive, number, given, options.image_store)
        if found.elsewhere:
            console.note(
                f"Its pictures lie in {options.image_store}, where this program removes nothing. "
                f"Remove them there: {', '.join(found.elsewhere)}\n"
            )
        if found.any or found.was_known:
            built = (options.output / "_site").is_dir()
            console.note(
                f"{given}: {found}. Its tombstone is in exclude.txt.\n"
                + ("The site that is built in _site/ shows it until `scrapy site`.\n" * built)
            )
            return 0
        if before:
            console.note(f"{given} was withdrawn before; nothing of it was left.\n")
            return 0
        console.note(
            f"{given} is not in the archive: nothing was removed. Its tombstone is in exclude.txt, "
            "so no run will fetch it; delete that line if the number was mistyped.\n"
        )
        return 1
