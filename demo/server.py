"""Serving a newspaper on the loopback interface."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.newspaper import Newspaper


@dataclass(frozen=True)
class Served:
    """A newspaper that is being served; `origin` is like `http://127.0.0.1:43211`."""

    origin: str
    paper: Newspaper


async def start(paper: Newspaper, port: int) -> tuple[web.AppRunner, str]:
    """Listen on 127.0.0.1 (`port` 0: a free one); the runner and the origin."""
    app = web.Application()

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _respond(paper, request)

    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, bound = runner.addresses[0][:2]
    return runner, f"http://{host}:{bound}"


async def _respond(paper: Newspaper, request: web.Request) -> web.StreamResponse:
    answer = paper.answer(request.method, request.path_qs, dict(request.headers))
    if answer.delay:
        await asyncio.sleep(answer.delay)
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    if not answer.cut:
        return web.Response(body=body, status=answer.status, headers=answer.headers)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


@contextmanager
def serve(paper: Newspaper, edition: str = "sg", port: int = 0) -> Iterator[Served]:
    """Serve `paper` from a thread of its own until the block ends.

    OSError when the port is taken.
    """
    paper.edition = edition
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="newspaper", daemon=True)
    thread.start()
    try:
        runner, origin = asyncio.run_coroutine_threadsafe(start(paper, port), loop).result()
        try:
            yield Served(origin, paper)
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
