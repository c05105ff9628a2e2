"""The browser client's files: what is served, what a browser may do with them, for how long."""

import httpx
import pytest
from fastapi import FastAPI

from app.platform import client


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><title>首页</title>", encoding="utf-8")
    (tmp_path / "seal.html").write_text("<!doctype html><title>封标</title>", encoding="utf-8")
    (tmp_path / "SHA256SUMS").write_text("", encoding="utf-8")
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "seal-abc.js").write_text("1", encoding="utf-8")
    return tmp_path


def browser(folder):
    app = FastAPI()

    @app.post("/v1/things")
    async def post_thing() -> str:
        return "made"

    client.install(app, folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node")


async def test_pages_and_assets_are_served_under_a_strict_policy(folder):
    async with browser(folder) as http:
        for path, kind in (
            ("/", "text/html"),
            ("/seal.html", "text/html"),
            ("/assets/seal-abc.js", "text/javascript"),
        ):
            answer = await http.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(kind)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_pages_are_asked_for_again_and_assets_never(folder):
    async with browser(folder) as http:
        page = await http.get("/seal.html")
        assert page.headers["cache-control"] == "no-cache"
        again = await http.get("/seal.html", headers={"If-None-Match": page.headers["etag"]})
        assert again.status_code == 304
        assert again.headers["cache-control"] == "no-cache"
        asset = await http.get("/assets/seal-abc.js")
        assert "immutable" in asset.headers["cache-control"]
        assert (await http.head("/seal.html")).status_code == 200


async def test_what_is_not_the_clients_stays_as_it_was(folder):
    async with browser(folder) as http:
        assert (await http.get("/nothing")).status_code == 404
        assert (await http.get("/.hidden")).status_code == 404
        assert (await http.get("/assets/../SHA256SUMS")).status_code in {200, 404}
        assert (await http.get("/assets/%2e%2e/.hidden")).status_code == 404
        refused = await http.get("/v1/things")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST"
        assert (await http.post("/v1/things")).json() == "made"
        assert "content-security-policy" not in (await http.post("/v1/things")).headers
        described = (await http.get("/openapi.json")).json()
        assert list(described["paths"]) == ["/v1/things"]


async def test_without_a_built_client_nothing_is_served(tmp_path):
    for missing in (tmp_path / "no-such-folder", tmp_path):
        async with browser(missing) as http:
            assert (await http.get("/")).status_code == 404
            assert (await http.get("/seal.html")).status_code == 404


async def test_assets_travel_compressed_and_answers_of_the_api_do_not(folder):
    (folder / "assets" / "long-abc.js").write_text("1;" * 5_000, encoding="utf-8")
    async with browser(folder) as http:
        asset = await http.get("/assets/long-abc.js")
        assert asset.headers["content-encoding"] == "gzip"
        assert int(asset.headers["content-length"]) < 200
        assert "immutable" in asset.headers["cache-control"]
        plain = await http.get("/assets/long-abc.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.text == asset.text
        assert "content-encoding" not in (await http.post("/v1/things")).headers
