"""Slack and Telegram at an address of the tests: ZAOBAO_ALERTS=tests.support.localchannels.LocalSlack."""

from __future__ import annotations

import os
from typing import Any

from slack_sdk import WebClient
from spidermon import Monitor, MonitorSuite

from zaobao.monitoring.channels import Slack, Telegram


class LocalSlack(Slack):
    """Asks LOCAL_API instead of slack.com."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.manager._client = WebClient("xoxb-1", base_url=f"{os.environ['LOCAL_API']}/")


class LocalTelegram(Telegram):
    """Asks LOCAL_API instead of api.telegram.org."""

    api = os.environ.get("LOCAL_API", "")


class Broken(Monitor):  # type: ignore[misc]  # Spidermon has no types
    """A monitor with a fault."""

    def test_broken(self) -> None:
        raise ValueError("no such figure")


class BrokenSuite(MonitorSuite):  # type: ignore[misc]
    """A user's own suite, with a fault in it."""

    monitors = (Broken,)
