"""The bundled newspaper: a small local site in the paper's markup, with text of our own.

`python -m zaobao.demo` serves it for browsing; tests use `Newspaper` and `serve`.
"""

from zaobao.demo.answers import Answer
from zaobao.demo.paper import Newspaper, Request
from zaobao.demo.parts import CHROME
from zaobao.demo.server import Served, serve
from zaobao.demo.story import SINGAPORE, Story

__all__ = ["CHROME", "SINGAPORE", "Answer", "Newspaper", "Request", "Served", "Story", "serve"]
