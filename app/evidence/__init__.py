"""Evidence: the scans and photos of a dossier, filed by whose stage it is, and bound by the log.

One household, one file (R42): the application form, the consents, photos before and after (R113),
the vote, the notice, the acceptance report. `rules` says who files which kind, and when.

The story of one piece
----------------------
1. `file_evidence` takes PDF, JPEG or PNG, told by its first bytes, and draws a random salt.
2. The log gets `evidence.filed` with SHA-256 over salt and content: nobody can try guesses on it,
   and whoever holds the piece can show that it is the one.
3. Whom the application concerns reads the list with salts and places in the log, and the content,
   which is answered as a file to be kept and never as a page.

Nothing filed is changed or removed: a wrong piece is replaced by another of its kind, and both
stay. The content stands in the database alone, which keeps commitment, type and size true by
constraints; `verify_evidence` holds what is kept against the records.
"""

from app.evidence.routes import BODY_BYTES_MAX, PATH, router
from app.evidence.rules import EvidenceKind
from app.evidence.verify import verify_evidence

__all__ = [
    "BODY_BYTES_MAX",
    "PATH",
    "EvidenceKind",
    "router",
    "verify_evidence",
]
