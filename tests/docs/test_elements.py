"""docs/elements.md shows what comes of each kind of element."""

from __future__ import annotations

import re

from tests.support.elements_table import PATH, examples, filled
from zaobao.cleaning.elements import HEADINGS, KEPT

DOCUMENT = PATH.read_text("utf-8")


def test_every_example_shows_what_comes_of_it() -> None:
    assert len(examples(DOCUMENT)) > 60
    # Where it does not: python -m tools.regenerate, and read the diff like code.
    assert filled(DOCUMENT).splitlines() == DOCUMENT.splitlines()


def test_every_element_that_a_post_may_have_is_shown() -> None:
    posts = "".join(line.split("|")[2] for line in DOCUMENT.splitlines() if line[:3] == "| `")
    shown = set(re.findall(r"<([a-z0-9]+)", posts))
    assert KEPT - HEADINGS - shown == set()
    assert HEADINGS & shown
