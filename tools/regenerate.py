"""Write what every case gives now: `python -m tools.regenerate`. Read the diff like code."""

from __future__ import annotations

from tests.support import elements_table, rules_table
from tests.support.chain import LISTS, STORIES, post


def main() -> None:
    for case in STORIES:
        (case.folder / "item.json").write_text(case.item(), "utf-8")
        (case.folder / "post.md").write_bytes(post(case.article()))
    for case in LISTS:
        (case.folder / "cards.json").write_text(case.cards(), "utf-8")
    rules_table.PATH.write_text(rules_table.table(), "utf-8")
    elements = elements_table.PATH
    elements.write_text(elements_table.filled(elements.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
