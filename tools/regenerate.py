"""Write what every case gives now: `python -m tools.regenerate`. Read the diff like code."""

from __future__ import annotations

from tests.support.chain import LISTS, STORIES, post
from tests.support.rules_table import PATH, table


def main() -> None:
    for case in STORIES:
        (case.folder / "item.json").write_text(case.item())
        (case.folder / "post.md").write_bytes(post(case.article()))
    for case in LISTS:
        (case.folder / "cards.json").write_text(case.cards())
    PATH.write_text(table())


if __name__ == "__main__":
    main()
