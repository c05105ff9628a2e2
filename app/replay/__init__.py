"""Plays a case file through the HTTP API and writes what everyone ends with.

A client like any other: it knows the API's paths and fields, sends each step with the credential
of the party that would take it, and imports nothing of the service but the kernel's value types.
No rule of the market stands here; the two refusals it gives itself are for what cannot be sent.
"""

from app.replay.case import Case, CaseError, load_case, parse_case
from app.replay.check import differences
from app.replay.client import Market
from app.replay.outcome import read_outcome
from app.replay.play import play, play_steps

__all__ = [
    "Case",
    "CaseError",
    "Market",
    "differences",
    "load_case",
    "parse_case",
    "play",
    "play_steps",
    "read_outcome",
]
