"""`hrt`: run a node, migrate, verify, check a receipt, replay a case, issue a credential."""

import typer

from app.cli import (
    audit,
    check_receipt,
    credential,
    custodian,
    demo_nodes,
    node,
    peers,
    replay,
    seal,
    verify,
    witness,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="宅基地复垦票交易所 · The exchange for Homestead Reclamation Tickets.",
)
app.command("run")(node.run)
app.command("nodes")(demo_nodes.run)
app.command("serve")(node.serve)
app.command("migrate")(node.migrate)
app.command("reset")(node.reset)
app.command("verify")(verify.verify)
app.command("audit")(audit.audit)
app.command("check-receipt")(check_receipt.check_receipt_file)
app.command("replay")(replay.replay)
app.command("credential")(credential.credential)
app.add_typer(witness.app, name="witness")
app.add_typer(seal.app, name="seal")
app.add_typer(custodian.app, name="custodian")
app.add_typer(peers.app, name="node")


def main() -> None:
    """The entry point of the command `hrt`."""
    app()
