"""Each story that a month's sitemap or a list named and that has no post, with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zaobao import urls
from zaobao.archive.exclusions import BECAUSE
from zaobao.archive.record import AUDIT, SITEMAP, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from zaobao.archive.folder import Archive

Reason = Literal[
    "never fetched", "removed", "failed", "quarantined", "paywalled", "gone", "excluded"
]
"""Why a story is missing. `removed`: it was written, and its post is no longer there;
`paywalled`: nothing of it is freely shown; `gone`: the site answers 404 or 410."""

RECOVERABLE = frozenset({"never fetched", "removed", "failed", "quarantined"})
"""The reasons that a further run may mend."""

_GONE = ("http_404", "http_410")
_PAYWALLED = ("paywalled", "http_401", "http_402")


@dataclass(frozen=True, slots=True)
class Gap:
    """A named story without a post.

    listed_by: `sitemap`, and the sections whose lists showed it. detail: the
    state's word for the failure, or the rule of exclude.txt; "" where there is
    none. tried: when it was asked for last, UTC; or None.
    """

    story: urls.StoryUrl
    listed_by: tuple[str, ...]
    reason: Reason
    detail: str
    tried: datetime | None


@dataclass(slots=True)
class Month:
    """One audited month, like `2026-08`; counts of stories, by the day of their address.

    is_read: whether its sitemap was; if not, only what the lists showed is
    known. cut: held ones of which only a part is freely shown.
    """

    month: str
    is_read: bool
    listed: dict[date, int] = field(default_factory=dict)
    held: dict[date, int] = field(default_factory=dict)
    cut: int = 0
    gaps: list[Gap] = field(default_factory=list)


def audit(
    archive: Archive,
    month: str,
    named: Iterable[urls.StoryUrl],
    shown: Iterable[Record],
    is_read: bool,
) -> Month:
    """Compare. named: by the sitemap of `month`; shown: by lists, as the state remembers."""
    stories: dict[str, tuple[urls.StoryUrl, tuple[str, ...]]] = {
        story.number: (story, (SITEMAP,)) for story in named
    }
    for record in shown:
        story, by = stories.get(record.number, (urls.StoryUrl.of(record.url), ()))
        lists = tuple(name for name in record.lists if name not in (*by, AUDIT))
        stories[record.number] = (story, by + lists)
    found = Month(month, is_read)
    for story, by in sorted(stories.values(), key=lambda one: (one[0].day, one[0].number)):
        record = archive.state.get(story.number) or Record.of(story)
        found.listed[story.day] = found.listed.get(story.day, 0) + 1
        if record.status == "written" and record.file and archive.has_post(record.file):
            found.held[story.day] = found.held.get(story.day, 0) + 1
            found.cut += record.access in ("paywalled", "truncated")
            continue
        reason, detail = _why(archive, record)
        found.gaps.append(Gap(story, by, reason, detail, record.last_checked))
    return found


def _why(archive: Archive, record: Record) -> tuple[Reason, str]:
    """The reason for a story without a post, and the detail."""
    if rule := archive.exclusions.rule_for(record):
        return "excluded", rule
    said = record.reason or ""
    if record.file is not None:
        return "removed", record.file
    if said.startswith(BECAUSE):
        return "never fetched", "a rule that exclude.txt no longer has left it out"
    if said in _GONE:
        return "gone", said
    if said in _PAYWALLED:
        return "paywalled", said
    if record.status == "outside":
        return "never fetched", "read, but outside of the asked days"
    if record.status == "quarantined":
        return "quarantined", said
    if record.status == "failed":
        return "failed", said
    kept = archive.quarantine.get(record.id)  # from before the state was lost
    return ("quarantined", str(kept[1].get("reason"))) if kept else ("never fetched", "")


def queue(archive: Archive, months: Iterable[Month], now: datetime) -> int:
    """Make the missing stories due for the next run, but for excluded ones; how many.

    Of one whose post was removed the line may still be there: then the next run
    writes the post from it, and asks for nothing.
    """
    queued = [gap for month in months for gap in month.gaps if gap.reason != "excluded"]
    state = archive.state
    with state.batch():
        for gap in queued:
            names = [AUDIT, SITEMAP] if SITEMAP in gap.listed_by else [AUDIT]
            for name in names:
                state.listed([gap.story], name, now)
            if gap.reason == "removed":
                state.lose(gap.story.number, now)
                state.distrust()
            else:
                state.make_due(gap.story.number, now)
    return len(queued)
