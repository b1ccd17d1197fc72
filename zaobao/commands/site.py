"""`scrapy site [--serve]`: build what has changed of the archive's site, with its search index."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console
from zaobao.errors import ArchiveError, PortError, SiteError
from zaobao.options import Options
from zaobao.text import counted

if TYPE_CHECKING:
    import argparse

    from zaobao.publish.site import Built


class Command(ScrapyCommand):
    """Exit 0; 1 when Jekyll or Pagefind is missing or fails, or the site cannot be written.

    Then what was published before stays as it was. SIGTERM ends Jekyll and Pagefind, too: 143.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Build what has changed of the archive's site, with its search index"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-d", "--destination", metavar="FOLDER", help="default: _site in the output folder"
        )
        parser.add_argument("--url", help="scheme and host of the site; default: _config.yml's")
        parser.add_argument("--baseurl", help="the path below it; default: _config.yml's")
        parser.add_argument(
            "--workers", type=int, help="months built side by side; default: one a core"
        )
        parser.add_argument(
            "--serve", action="store_true", help="then serve it on this machine, until Ctrl-C"
        )
        parser.add_argument("--port", type=int, default=8000, help="for --serve; default: 8000")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("it takes options only")
        if opts.workers is not None and opts.workers < 1:
            raise UsageError("--workers takes a number from 1 on")
        if not 0 <= opts.port < 1 << 16:
            raise UsageError("--port takes a number from 0 to 65535; 0 lets the system choose one")
        # Every scrapy command loads this file.
        from zaobao.publish import jekyll, serving, site

        assert self.settings is not None
        options = Options.from_settings(self.settings)
        output = options.output
        target = Path(opts.destination).absolute() if opts.destination else output / "_site"
        signal.signal(signal.SIGTERM, _stop)
        try:
            made = site.Site(output, target, jekyll.Address(opts.url, opts.baseurl))
            if made.older_files:
                console.note(
                    f"{', '.join(made.older_files)}: of an earlier version, which knows no parts; "
                    'this version\'s are used instead (docs/publishing.md, "Changing the site").\n'
                )
            built = made.build("scrapy site", opts.workers or site.default_workers())
            console.note(_said(built, target))
            if options.images and options.image_store != str(output / jekyll.IMAGES):
                console.note(
                    f"Kept pictures lie in {options.image_store}, not in the site: the server has "
                    "to give them at /images/ (docs/publishing.md).\n"
                )
            if opts.serve:
                serving.serve(target, opts.port, made.baseurl, console.note)
        except (ArchiveError, SiteError) as error:
            console.note(f"scrapy site: {error}\nThe site in {target} is as it was.\n")
            self.exitcode = 1
        except PortError as error:
            console.note(f"scrapy site: {error}\nThe site is built; nothing serves it.\n")
            self.exitcode = 1
        except SystemExit:  # not said in the handler: it may run while something else is written
            console.note("scrapy site: stopped; the next one goes on.\n")
            raise


def _stop(number: int, _frame: Any) -> NoReturn:
    sys.exit(128 + number)


def _said(built: Built, target: Path) -> str:
    what = f"{counted(len(built.built), 'month')} built" if built.built else "no month has changed"
    said = f"{target}: {counted(built.posts, 'story')}, {built.bytes / 1e6:.1f} MB; {what}"
    said += f", {built.seconds:.1f} s of work.\n" if built.seconds else ".\n"
    if not built.has_index:
        said += "Without a search index, since there is no npx: apt-get install npm.\n"
    if built.lost:
        shown = ", ".join(built.lost[:3]) + (" …" if len(built.lost) > 3 else "")
        posts = counted(len(built.lost), "post")
        said += f"Jekyll made no page of {posts}; scrapy doctor says why: {shown}\n"
    return said
