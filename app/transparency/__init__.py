"""The transparency log: nobody has to trust the operator.

The story of one record
-----------------------
1. A command writes its records; the database queues each in the same transaction.
2. `sequencer` gives it the next place in an RFC 6962 tree, within a second of its commit.
3. `publisher` signs the committed root, collects the witnesses' cosignatures, keeps the checkpoint
   outside the database (`guard`), and only then shows it.
4. Who holds a receipt asks for the proof that its record is in (`read`), and checks it without
   help from here. Who mirrors the log re-derives everything from it (`app.audit`).

The formats are those of C2SP: signed notes, checkpoints, tlog-tiles, tlog-proof, tlog-witness,
tlog-cosignature, tlog-policy. `merkle`, `tiles`, `notes`, `checkpoints`, `proofs`, `quorum` and
`suites` are pure. This node can be a witness of other logs, too (`witness`).
"""

from app.transparency.guard import LogForkedError, Memory, forget_log, memories, published_size
from app.transparency.keys import Keys, KeysError, keys_file, load_keys
from app.transparency.read import log_size, prove_entry, read_entries, shown_checkpoint
from app.transparency.receipt_routes import router as receipts_router
from app.transparency.receipts import ReceiptSigner
from app.transparency.routes import router, sm3_router
from app.transparency.sequencer import LogDamagedError, continue_as_published, sequence
from app.transparency.service import advance, open_log, running
from app.transparency.store import unplaced
from app.transparency.verify import verify_log
from app.transparency.witness_routes import router as witness_router
from app.transparency.witness_store import add_log as witness_log
from app.transparency.witness_store import list_evidence as list_witness_evidence
from app.transparency.witness_store import list_logs as list_witnessed_logs

__all__ = [
    "Keys",
    "KeysError",
    "LogDamagedError",
    "LogForkedError",
    "Memory",
    "ReceiptSigner",
    "advance",
    "continue_as_published",
    "forget_log",
    "keys_file",
    "list_witness_evidence",
    "list_witnessed_logs",
    "load_keys",
    "log_size",
    "memories",
    "open_log",
    "prove_entry",
    "published_size",
    "read_entries",
    "receipts_router",
    "router",
    "running",
    "sequence",
    "shown_checkpoint",
    "sm3_router",
    "unplaced",
    "verify_log",
    "witness_log",
    "witness_router",
]
