"""Where a province pays from and is paid goes to the other side's node alone, sealed.

The log of the province's own node has a commitment, as of every account; the letter rests on the
record that repeats it for this payment, so the other node sees that it was told the right one.
"""

import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace

from app import ledger, nodes
from app.clearing import parties, store_bank, store_between
from app.clearing.complete import complete
from app.clearing.rules_bank import BankAccount
from app.clearing.rules_between import ACCOUNT, BetweenRefusal, is_instruction
from app.kernel.ids import NODE, reference
from app.kernel.refusal import LetterRefusal, Rejected
from app.platform.db import Tx
from app.seal.hpke import HpkeError, open_sealed, seal

_INFO = b"lqx-account/1 "
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-z]{6,34}", re.ASCII)
_BANK = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{12}", re.ASCII)
NAME_MAX, SALT_BYTES = 70, 32


async def give_account(
    tx: Tx, instruction: str, account: BankAccount, other: str
) -> list[nodes.Message]:
    """Tell the node of the party `other` the own account of a payment; answers with the message."""
    peer = await parties.node_of(tx, other)
    if peer is None:
        return []
    note = ledger.Note(
        kind="bank_account.given",
        province=account.province,
        subject=instruction,
        body={"account": account.id, "commitment": account.commitment, "to": other},
    )
    (leaf,) = await ledger.record(tx, [note])
    said = {
        "id": account.id,
        "name": account.name,
        "number": account.number,
        "bank": account.bank,
        "salt": account.salt.hex(),
    }
    plain = json.dumps(said, ensure_ascii=False).encode()
    sealed = seal(peer.sealing_key, _info(instruction), plain, secrets.token_bytes(32))
    body = {"province": account.province, "sealed": b64encode(sealed).decode()}
    return [
        nodes.Message(
            to=peer.name, type=ACCOUNT, transfer=instruction, revision=1, body=body, leaf=leaf
        )
    ]


async def take_account(tx: Tx, received: nodes.Received, private: bytes) -> None:
    """Keep the account of another node's province; a payment that waits for it has its file now."""
    told = _opened(received, private)
    await parties.require_speaker(tx, received.sender, told.province)
    record = parties.record_of(received)
    named = (record.get("kind"), record.get("province"), record.get("subject"))
    body = record.get("body", {})
    if named != ("bank_account.given", told.province, received.transfer):
        raise Rejected(LetterRefusal.UNFOUNDED)
    if (body.get("account"), body.get("commitment")) != (told.id, told.commitment):
        raise Rejected(BetweenRefusal.ACCOUNT_DIFFERS)
    account = replace(told, id=reference(told.province, told.id), proposed_by=received.sender)
    await store_between.hold_instructions(tx, [received.transfer])
    await _keep(tx, account, received.sender)
    await store_between.put_given(tx, received.transfer, account)
    note = ledger.Note(
        kind="bank_account.received",
        province=account.province,
        subject=received.transfer,
        body={"account": account.id, "commitment": account.commitment},
    )
    await ledger.record(tx, [note])
    found = (await store_bank.lock_instructions(tx, [received.transfer])).get(received.transfer)
    if found is not None:
        await complete(tx, found)


async def _keep(tx: Tx, account: BankAccount, sender: str) -> None:
    holder = await store_bank.holder_of(tx, account.number, approved=False)
    if holder not in {None, account.province}:
        raise Rejected(BetweenRefusal.ACCOUNT_DIFFERS)
    known = (await store_bank.find_accounts(tx, [account.id])).get(account.id)
    if known is None:
        await store_between.put_account(tx, account, sender)
    elif known.commitment != account.commitment:
        raise Rejected(BetweenRefusal.ACCOUNT_DIFFERS)


def _info(instruction: str) -> bytes:
    return _INFO + instruction.encode()


def _opened(received: nodes.Received, private: bytes) -> BankAccount:
    """The account in a letter, by the id that it has at its own node."""
    body: Mapping[str, object] = received.body
    try:
        sealed = b64decode(str(body["sealed"]), validate=True)
        said = json.loads(open_sealed(private, _info(received.transfer), sealed))
        province = str(body["province"])
        account = BankAccount(
            str(said["id"]),
            province,
            str(said["name"]),
            str(said["number"]),
            str(said["bank"]),
            bytes.fromhex(said["salt"]),
            received.sender,
        )
    except (KeyError, TypeError, ValueError, HpkeError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    lawful = (
        set(body) == {"province", "sealed"}
        and is_instruction(received.transfer)
        and (province == NODE or re.fullmatch(r"[1-9][0-9]0000", province, re.ASCII))
        and _ID.fullmatch(account.id)
        and _NUMBER.fullmatch(account.number)
        and _BANK.fullmatch(account.bank)
        and 0 < len(account.name) <= NAME_MAX
        and account.name.isprintable()
        and len(account.salt) == SALT_BYTES
    )
    if not lawful:
        raise Rejected(LetterRefusal.MALFORMED)
    return account
