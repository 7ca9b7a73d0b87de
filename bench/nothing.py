"""The lower bound: a server that does nothing, in a process of its own."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from aiohttp import web


@contextmanager
def nothing() -> Iterator[str]:
    """Run a server that answers at once; yields its address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_nothing, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/"
    finally:
        process.terminate()
        process.join()


def _serve_nothing(port: Connection) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=b"{}", content_type="application/json")

    async def serve() -> None:
        application = web.Application()
        application.add_routes([web.post("/", answer)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())
