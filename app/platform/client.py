"""The built browser client under `/`: files only, and a policy by which a browser runs no others.

Each page is a route of its own and not a mount at `/`: a mount there would answer every path that
the API does not know, and turn its 405 into 404.
"""

from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ASSETS = "assets"
INDEX = "index.html"
SMALL = 1_000
"""Assets of fewer bytes gain nothing by compression."""
_FRESH = "no-cache"
_FOREVER = "public, max-age=31536000, immutable"


class _Files(StaticFiles):
    """Files that change are asked for each time; assets carry a hash of themselves in the name."""

    def __init__(self, folder: Path, cache: str) -> None:
        super().__init__(directory=folder, follow_symlink=False)
        self._cache = cache

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file with the headers that every file of the client has."""
        response = await super().get_response(path, scope)
        response.headers.update({**HEADERS, "Cache-Control": self._cache})
        return response


def install(app: FastAPI, folder: Path) -> None:
    """Serve the client that stands in `folder`; without such a folder nothing is served.

    The pages are found once, at the start. The API's own paths go before them.
    """
    if not (folder / INDEX).is_file():
        return
    pages = _Files(folder, _FRESH)

    def page(name: str) -> None:
        async def get_page(request: Request) -> Response:
            return await pages.get_response(name, request.scope)

        app.add_route(f"/{name}", get_page, methods=["GET"], include_in_schema=False)
        if name == INDEX:
            app.add_route("/", get_page, methods=["GET"], include_in_schema=False)

    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            page(file.name)
    if (folder / ASSETS).is_dir():
        # Public files alone: an answer of the API may hold a secret beside what an asker chose, and
        # its compressed length would speak of both.
        assets = GZipMiddleware(_Files(folder / ASSETS, _FOREVER), minimum_size=SMALL)
        app.mount(f"/{ASSETS}", assets, name="client-assets")
