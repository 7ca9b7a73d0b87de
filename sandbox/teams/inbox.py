"""The page that shows the cards a webhook took, and the cards as JSON."""

from pathlib import Path

from aiohttp import web

from sandbox.teams.webhook import TeamsWebhook

PAGE = Path(__file__).resolve().parent / "page"
NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Inbox:
    """Shows what one webhook took."""

    def __init__(self, webhook: TeamsWebhook) -> None:
        self._webhook = webhook
        self._files = {
            "/teams": PAGE / "index.html",
            "/teams/inbox.css": PAGE / "inbox.css",
            "/teams/inbox.js": PAGE / "inbox.js",
            "/teams/host_config.js": PAGE / "host_config.js",
            "/teams/adaptivecards.js": NODE_MODULES / "adaptivecards" / "dist" / "adaptivecards.min.js",
            "/teams/markdown-it.js": NODE_MODULES / "markdown-it" / "dist" / "browser" / "markdown-it.umd.min.js",
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            *(web.get(path, self._file) for path in self._files),
            web.get("/teams/cards", self._cards),
            web.delete("/teams/cards", self._forget),
        ]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._files[request.path]
        if not file.is_file():
            raise web.HTTPNotFound(text=f"{file.name} is not there")
        return web.FileResponse(file, headers=HEADERS)

    async def _cards(self, _request: web.Request) -> web.Response:
        posts = [{"at": post.at.isoformat(timespec="milliseconds"), "card": post.card} for post in self._webhook.posts]
        return web.json_response(posts, headers=HEADERS)

    async def _forget(self, _request: web.Request) -> web.Response:
        self._webhook.posts.clear()
        return web.Response(status=204)
