"""Tampering with the newest checkpoint: its text, its signatures, its cosignatures."""

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import root_at, sha256
from app.transparency.notes import Ed25519Signer, Note, Signature, sign, vkey
from tests.interop.published import ORIGIN, Keys, Published, write
from tests.interop.tampering import (
    ENTRIES,
    EVERYBODY,
    KEYS,
    LOG,
    SIGNATURES,
    SIZE,
    edit_note,
    edit_text,
    line,
    other_hash,
    resign,
    table,
)

KINDS, kind = table()

# --- the checkpoint, without the keys -----------------------------------------------------------


@kind(*EVERYBODY)
def another_root(folder):
    root = line(folder / "checkpoint", 2)
    edit_text(folder / "checkpoint", root, other_hash(root))


@kind(*EVERYBODY)
def another_size(folder):
    edit_text(folder / "checkpoint", "\n600\n", "\n599\n")


@kind(*SIGNATURES)
def another_origin(folder):
    edit_text(folder / "checkpoint", ORIGIN, "market.example/low")


@kind(*SIGNATURES)
def a_line_added_to_the_text(folder):
    edit_text(folder / "checkpoint", "\n\n", "\nvalid until noon\n\n")


@kind(*SIGNATURES)
def a_flipped_signature(folder):
    def flip(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(value=first.value[::-1]), *rest))

    edit_note(folder / "checkpoint", flip)


@kind(*SIGNATURES)
def no_signature_by_the_log(folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[1:]))


@kind(*SIGNATURES)
def a_signature_under_another_key_id(folder):
    def rename(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(id=b"\x01\x02\x03\x04"), *rest))

    edit_note(folder / "checkpoint", rename)


@kind("npm")
def a_signature_under_another_name(folder):
    """sigstore-python finds keys by their id alone."""

    def rename(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(name="market.example/low"), *rest))

    edit_note(folder / "checkpoint", rename)


@kind(*SIGNATURES)
def a_key_that_is_not_the_logs(folder):
    impostor = Ed25519Signer(ORIGIN, sha256(b"impostor"))
    write(folder / "vkey", vkey(impostor) + "\n")


@kind(*SIGNATURES)
def a_checkpoint_signed_by_an_impostor(folder):
    impostor = Keys(log=Ed25519Signer(ORIGIN, sha256(b"impostor")))
    write(folder / "checkpoint", Published(ENTRIES, impostor).note(SIZE))


# --- the checkpoint, signed by operator and witnesses -------------------------------------------


@kind()
def a_leading_zero_in_the_size(folder):
    """Two spellings of one size: Sigstore's and pymerkle's callers read numbers leniently."""
    resign(folder, LOG.note(SIZE).split("\n\n")[0].replace("\n600\n", "\n0600\n") + "\n")


@kind(*EVERYBODY)
def a_size_that_is_no_number(folder):
    text = LOG.note(SIZE).split("\n\n")[0].replace("\n600\n", "\n6e2\n") + "\n"
    resign(folder, text)


@kind()
def stray_bits_in_the_root(folder):
    root = line(folder / "checkpoint", 2)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = root[:-2] + digits[digits.index(root[-2]) ^ 1] + "="
    resign(folder, f"{ORIGIN}\n{SIZE}\n{twin}\n")


@kind()
def a_checkpoint_of_another_origin_by_the_same_key(folder):
    resign(folder, Checkpoint("market.example/low", SIZE, root_at(SIZE, LOG.node)).text())


@kind("pymerkle")
def a_root_of_nothing_in_the_log(folder):
    resign(folder, Checkpoint(ORIGIN, SIZE, sha256(b"made up")).text())


# --- witnesses ----------------------------------------------------------------------------------


@kind()
def no_cosignatures(folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[:1]))


@kind()
def one_cosignature_of_the_two_needed(folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[:2]))


@kind()
def one_witness_twice_instead_of_two(folder):
    again = KEYS.witnesses[0].cosign(LOG.note(SIZE).split("\n\n")[0] + "\n", 1_800_000_001)

    def twice(note):
        return Note(note.text, (*note.signatures[:2], again))

    edit_note(folder / "checkpoint", twice)


@kind()
def a_cosignature_of_another_origin(folder):
    other = Checkpoint("market.example/low", SIZE, root_at(SIZE, LOG.node)).text()

    def swap(note):
        line = KEYS.witnesses[1].cosign(other, 1_800_000_000)
        return Note(note.text, (*note.signatures[:2], line))

    edit_note(folder / "checkpoint", swap)


@kind()
def a_cosignature_with_another_time(folder):
    def later(note):
        *rest, last = note.signatures
        return Note(note.text, (*rest, last._replace(value=b"\0\0\0\0\x70" + last.value[5:])))

    edit_note(folder / "checkpoint", later)


@kind()
def an_ordinary_signature_in_place_of_a_cosignature(folder):
    def plain(note):
        *rest, last = note.signatures
        signed = sign(note.text, Ed25519Signer(last.name, sha256(b"b"))).signatures[0]
        forged = Signature(last.name, last.id, last.value[:8] + signed.value)
        return Note(note.text, (*rest, forged))

    edit_note(folder / "checkpoint", plain)
