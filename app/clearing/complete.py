"""A payment between nodes is whole here once the other side's account is known.

The payer's node then has the file for its bank. The payee's node learns from whose account the
money is to come.
"""

from dataclasses import replace

from app import ledger
from app.clearing import parties, store_bank, store_between
from app.clearing.pain import write_instruction
from app.clearing.rules_bank import Instruction, instructed
from app.platform.db import Tx


async def complete(tx: Tx, instruction: Instruction) -> None:
    """Fill in the account that the other side has told, if it has; the payer gets its file."""
    hosted = await parties.hosted_of(tx, {instruction.payer, instruction.payee})
    other = instruction.payee if instruction.payer in hosted else instruction.payer
    account = await store_between.given_account(tx, instruction.id, other)
    if account is None or other in hosted:
        return
    if instruction.payer not in hosted:
        await store_between.complete(tx, instruction.id, {"payer_account": account})
        return
    assert instruction.payer_account is not None, "a payer knows its own account"
    accounts = await store_bank.find_accounts(tx, [instruction.payer_account, account])
    payer, payee = accounts[instruction.payer_account], accounts[account]
    file = write_instruction(instruction, payer, payee)
    await store_between.complete(tx, instruction.id, {"payee_account": account, "file": file})
    await ledger.record(tx, [instructed(replace(instruction, payee_account=account))])
