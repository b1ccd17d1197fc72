"""The project's commands, one file each. Every `scrapy` command imports this package."""

import io
import sys

for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper):
        # A console of GBK or Latin-1 shows `?` for what it does not have.
        _stream.reconfigure(errors="replace")
