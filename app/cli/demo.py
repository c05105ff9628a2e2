"""The demo market of `hrt run`."""

from app.platform.settings import Settings


def prepare(settings: Settings, dsn: str) -> None:
    """Placeholder until written below."""


def greeting(settings: Settings) -> str:
    """Greet."""
    return ""


def forget(settings: Settings) -> None:
    """Forget."""
