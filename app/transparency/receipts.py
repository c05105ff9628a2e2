"""Words and signs receipts, as `app.platform.calls` sends them with its answers."""

from app.ledger.rules import instant_text
from app.platform.receipts import Receipt
from app.transparency.merkle import leaf_hash
from app.transparency.notes import Signer, sign
from app.transparency.receipt_text import ReceiptText


class ReceiptSigner:
    """Signs the receipts of the log `origin`. Ed25519 has no randomness: same receipt, same note.

    `signer` is named `<origin>/receipts`.
    """

    def __init__(self, signer: Signer, origin: str) -> None:
        self.signer = signer
        self.origin = origin

    def __call__(self, receipt: Receipt) -> str:
        """The signed note of a receipt."""
        said = ReceiptText(
            id=receipt.id,
            log=self.origin,
            leaf=leaf_hash(receipt.entry).hex(),
            entry=receipt.entry.decode(),
            at=instant_text(receipt.at),
            operation=receipt.operation,
            status=receipt.status,
            code=receipt.code,
            request=receipt.request_hash.hex(),
        )
        return sign(said.text(), self.signer).encode()
