"""The browser client is compiled against the API as it is."""

from tools import write_openapi


def test_the_client_knows_the_api_as_it_is():
    kept = write_openapi.FILE.read_text(encoding="utf-8")
    assert kept == write_openapi.described(), "bring it up to date: python -m tools.write_openapi"


def test_the_description_is_the_same_each_time():
    assert write_openapi.described() == write_openapi.described()
