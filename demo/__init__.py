"""The bundled newspaper: a small local site in the paper's markup, with text of our own.

`python -m demo` serves it for browsing; tests use `Newspaper` and `serve`.
"""

from demo.answers import Answer
from demo.paper import Newspaper, Request
from demo.parts import CHROME
from demo.server import Served, serve
from demo.story import SINGAPORE, Story

__all__ = ["CHROME", "SINGAPORE", "Answer", "Newspaper", "Request", "Served", "Story", "serve"]
