"""Opens the log of a node under one's own policy."""

from pathlib import Path

from app.cli.logbook import Logbook
from app.cli.node_client import NodeClient
from app.transparency.fields import TrustError
from app.transparency.notes import Verifier, parse_vkey
from app.transparency.quorum import WitnessPolicy, parse_policy


def policy_and_log(file: Path, key: str | None) -> tuple[WitnessPolicy, Verifier]:
    """The policy in a file, and the log's key: given, or the only one that the policy names.

    Raises `TrustError`.
    """
    try:
        policy = parse_policy(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrustError(f"{file} cannot be read: {type(error).__name__}.") from error
    if key is not None:
        return policy, parse_vkey(key)
    if len(policy.logs) != 1:
        raise TrustError(f"{file} names {len(policy.logs)} logs: say by --vkey which one is meant.")
    return policy, policy.logs[0].verifier


def open_logbook(node: NodeClient, policy: WitnessPolicy, log: Verifier) -> Logbook:
    """The log as a checkpoint shows it that the policy trusts.

    Raises `TrustError` where its signatures or its entries do not agree, and `NodeError`.
    """
    note = node.text("/log/checkpoint")
    checkpoint = policy.check(note, log)
    return Logbook(lambda path: node.content(f"/log/{path}"), checkpoint, note)
