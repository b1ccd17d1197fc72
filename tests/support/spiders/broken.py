"""A spider middleware that stands for an error in the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class Broken:
    """Fails at the third story that is read."""

    stories = 0

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        if "/story" in response.url:
            self.stories += 1
            if self.stories == 3:
                raise ZeroDivisionError
        async for one in result:
            yield one
