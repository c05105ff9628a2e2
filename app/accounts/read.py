"""Housing accounts as they stand, from the issue of the ticket, with the ledger's balances."""

from collections.abc import Mapping
from dataclasses import replace

from app import ledger, tickets
from app.accounts import rules, store
from app.accounts.rules import HousingAccount
from app.kernel.principal import Principal
from app.kernel.units import Fen
from app.platform.db import Reader
from app.tickets.rules import Ticket


async def with_balances(
    reader: Reader, accounts: Mapping[str, HousingAccount]
) -> dict[str, HousingAccount]:
    """The accounts with what the ledger says they hold, in one statement."""
    held = await ledger.balances(reader, [account.ref for account in accounts.values()])
    return {
        household: replace(account, balance=Fen(held[account.ref]))
        for household, account in accounts.items()
    }


async def find_account(reader: Reader, household: str) -> HousingAccount | None:
    """The household's account; None before its ticket is issued."""
    ticket = (await tickets.of_households(reader, [household])).get(household)
    if ticket is None:
        return None
    return (await _of_tickets(reader, {household: ticket}))[household]


async def list_accounts(
    reader: Reader, principal: Principal, after: str, limit: int
) -> list[HousingAccount]:
    """Accounts that concern the principal, in order of household."""
    originals = await tickets.list_originals(reader, principal, after, limit)
    accounts = await _of_tickets(reader, {ticket.household: ticket for ticket in originals})
    return list(accounts.values())


async def _of_tickets(reader: Reader, found: Mapping[str, Ticket]) -> dict[str, HousingAccount]:
    used = await store.find_accounts(reader, list(found))
    accounts = {
        household: used[household] if household in used else rules.opened_by(ticket)
        for household, ticket in found.items()
    }
    return await with_balances(reader, accounts)
