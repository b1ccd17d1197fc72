"""The table of removal rules in docs/rules.md, made from zaobao/cleaning/rules.py."""

from __future__ import annotations

from pathlib import Path

from zaobao.cleaning.rules import RULES, Rule

PATH = Path(__file__).parents[2] / "docs" / "rules.md"
_HEAD = """# What is removed from a story

Made from `zaobao/cleaning/rules.py` by `python -m tools.regenerate`. The rules are matched inside the story's
box before anything is changed; the outermost match is recorded in the JSON line's `removed`, then
dropped, and the text after it stays. A story that would lose more than half of its characters is refused.

More names stand in `removed`: `repeated-body`, a second copy of the body, `picture-host`, a picture on a host that is not linked, and
`default-picture`, a picture that does not belong to the story.

| rule | kind | what it matches | access |
|---|---|---|---|
"""


def table() -> str:
    rows = (
        f"| `{rule.name}` | {rule.kind} | {_what(rule)} | {rule.access or ''} |\n" for rule in RULES
    )
    return _HEAD + "".join(rows)


def _what(rule: Rule) -> str:
    parts = []
    if rule.text:
        form = f", all of it `{rule.form}`".replace("|", "\\|") if rule.form else ""
        parts.append(f"text {'has' if rule.form else 'is'} “{rule.text}”{form}")
    if rule.longest:
        parts.append(f"at most {rule.longest} characters")
    if not rule.text or not rule.selector.startswith("p, h1"):
        parts.append(f"`{rule.selector}`".replace("|", "\\|"))
    if rule.around is not None:
        parts.append(f"with the block around it (at most {rule.around} characters outside links)")
    if rule.boxed:
        parts.append("only if it ends with what a rule above takes, or holds no sentence")
    if rule.titled:
        parts.append("its first line")
    if rule.last:
        parts.append("only where no sentence of the story follows")
    if rule.first:
        parts.append("only where no sentence of the story comes before")
    if rule.prose_stays:
        parts.append("not where it is prose")
    if rule.in_sentence_stays:
        parts.append("not inside a sentence")
    if rule.links_after:
        parts.append("lists of links after it too")
    return "; ".join(parts)
