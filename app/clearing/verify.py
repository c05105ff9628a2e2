"""What clearing keeps beside the ledger, held against the records: files, accounts, what came."""

from app.clearing import store_evidence, store_stated
from app.platform.db import Reader


async def verify_clearing(reader: Reader) -> list[str]:
    """Name each bank account, file and instruction that is not what the log says of it."""
    return [
        *(
            f"bank account {id_}: it is not what its record commits to"
            for id_ in await store_evidence.accounts_at_odds(reader)
        ),
        *(
            f"bank file {id_}: it is not what its record commits to"
            for id_ in await store_evidence.files_at_odds(reader)
        ),
        *(
            f"instruction {id_}: what came for it is not what its records add up to"
            for id_ in await store_evidence.instructions_at_odds(reader)
        ),
        *(
            f"stated obligation {named}: it is not what a correction says of it"
            for named in await store_stated.stated_at_odds(reader)
        ),
    ]
