"""The bundled newspaper: a small local site in the paper's markup, with text of our own.

`python -m demo` serves it for browsing, `python -m demo.crawl` crawls it once; tests use
`Newspaper` and `serve`. It is no part of what is deployed.
"""

from demo.newspaper import Answer, Newspaper, Request
from demo.parts import CHROME
from demo.server import Served, serve
from demo.story import SINGAPORE, Story

__all__ = ["CHROME", "SINGAPORE", "Answer", "Newspaper", "Request", "Served", "Story", "serve"]
