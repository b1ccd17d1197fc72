"""Spidermon's monitors of a run: what fell below its floor, and a verdict that is not `ok`.

Their actions tell somebody: ZAOBAO_ALERTS names them, Spidermon's own settings
say where to. Monitors of Spidermon and of your own can stand beside them in
SPIDERMON_SPIDER_CLOSE_MONITORS; they get the data that Spidermon gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.utils.misc import load_object
from spidermon import Monitor, MonitorSuite

from zaobao.options import ALERTS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class DriftMonitor(Monitor):  # type: ignore[misc]  # Spidermon has no types
    """Fails when a figure of its kind fell; `data.drifts` has all that did."""

    kind: ClassVar[str]

    def test_floor(self) -> None:
        found = [drift.sentence for drift in self.data.drifts if drift.kind == self.kind]
        if found:
            self.fail("; ".join(found))


class ListMonitor(DriftMonitor):
    """As many cards on a list's first page as usual, by the usual selector."""

    kind = "lists"


class LayoutMonitor(DriftMonitor):
    """Stories read by the layout that usually reads them."""

    kind = "layouts"


class RepeatedMonitor(DriftMonitor):
    """No words that most stories have in common and earlier ones had not."""

    kind = "repeated"


class RungMonitor(DriftMonitor):
    """Each field by its usual rung."""

    kind = "rungs"


class RuleMonitor(DriftMonitor):
    """Each removal rule finds what it used to find."""

    kind = "rules"


class LengthMonitor(DriftMonitor):
    """Texts as long as usual."""

    kind = "lengths"


class PictureMonitor(DriftMonitor):
    """As many stories with a picture as usual."""

    kind = "pictures"


class AccessMonitor(DriftMonitor):
    """As many free stories as usual."""

    kind = "access"


class YieldMonitor(DriftMonitor):
    """As many new stories in 24 hours as usual, and a page for each that is listed."""

    kind = "yield"


class QuietMonitor(DriftMonitor):
    """No longer silence than ever before, of the list or of the scheduler."""

    kind = "quiet"


class VerdictMonitor(Monitor):  # type: ignore[misc]
    """Fails when the verdict is not `ok`, whatever the reason."""

    def test_verdict(self) -> None:
        outcome = self.data.outcome
        if outcome.verdict != "ok":
            self.fail("; ".join(outcome.reasons))


class RunSuite(MonitorSuite):  # type: ignore[misc]
    """All of them; the actions of ZAOBAO_ALERTS run after them, whatever they found.

    It is run for what has to be told, which is also that all is well again.
    """

    monitors: ClassVar[list[Any]] = [
        *(ListMonitor, RungMonitor, RuleMonitor, LengthMonitor, PictureMonitor, AccessMonitor),
        *(YieldMonitor, QuietMonitor, LayoutMonitor, RepeatedMonitor, VerdictMonitor),
    ]

    def __init__(self, name: str | None = None, crawler: Crawler | None = None) -> None:
        names = crawler.settings.getlist("ZAOBAO_ALERTS") if crawler else []
        self.troubles: list[str] = []
        """Why an alert that was asked for cannot be sent; the others are."""
        made = [self._action(one, crawler) for one in map(str.strip, names) if one]
        actions = [action for action in made if action is not None]
        super().__init__(name=name, crawler=crawler, monitors_finished_actions=actions)

    def _action(self, name: str, crawler: Crawler | None) -> Any:
        try:
            action = load_object(ALERTS.get(name, name)).from_crawler(crawler)
        except Exception as error:  # noqa: BLE001 - whatever an action of others raises is told
            self.troubles.append(f"{name}: {error or type(error).__name__}")
            return None
        action.channel = name
        return action
