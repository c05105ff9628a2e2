"""`hrt`: run a node, migrate, verify, replay a case, issue a first credential."""

import typer

from app.cli import credential, node, replay, verify

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="宅基地复垦票交易所 · The exchange for Homestead Reclamation Tickets.",
)
app.command("run")(node.run)
app.command("serve")(node.serve)
app.command("migrate")(node.migrate)
app.command("reset")(node.reset)
app.command("verify")(verify.verify)
app.command("replay")(replay.replay)
app.command("credential")(credential.credential)


def main() -> None:
    """The entry point of the command `hrt`."""
    app()
