"""Tampering with the newest checkpoint: its text, its signatures, its cosignatures."""

from dataclasses import replace

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import root_at, sha256
from app.transparency.notes import Ed25519Signer, Note, Signature, vkey
from tests.interop.published import Published, write
from tests.interop.tampering import (
    EVERYBODY,
    SIGNATURES,
    edit_note,
    edit_text,
    line,
    other_hash,
    table,
)

KINDS, kind = table()

# --- the checkpoint, without the keys -----------------------------------------------------------


@kind(*EVERYBODY)
def another_root(good, folder):
    root = line(folder / "checkpoint", 2)
    edit_text(folder / "checkpoint", root, other_hash(root))


@kind(*EVERYBODY)
def another_size(good, folder):
    edit_text(folder / "checkpoint", f"\n{good.size}\n", f"\n{good.size - 1}\n")


@kind(*SIGNATURES)
def another_origin(good, folder):
    edit_text(folder / "checkpoint", good.log.origin, good.other_origin)


@kind(*SIGNATURES)
def a_line_added_to_the_text(good, folder):
    edit_text(folder / "checkpoint", "\n\n", "\nvalid until noon\n\n")


@kind(*SIGNATURES)
def a_flipped_signature(good, folder):
    def flip(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(value=first.value[::-1]), *rest))

    edit_note(folder / "checkpoint", flip)


@kind(*SIGNATURES)
def no_signature_by_the_log(good, folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[1:]))


@kind(*SIGNATURES)
def a_signature_under_another_key_id(good, folder):
    def rename(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(id=b"\x01\x02\x03\x04"), *rest))

    edit_note(folder / "checkpoint", rename)


@kind("npm")
def a_signature_under_another_name(good, folder):
    """sigstore-python finds keys by their id alone."""

    def rename(note):
        first, *rest = note.signatures
        return Note(note.text, (first._replace(name=good.other_origin), *rest))

    edit_note(folder / "checkpoint", rename)


@kind(*SIGNATURES)
def a_key_that_is_not_the_logs(good, folder):
    impostor = Ed25519Signer(good.log.origin, sha256(b"impostor"))
    write(folder / "vkey", vkey(impostor) + "\n")


@kind(*SIGNATURES)
def a_checkpoint_signed_by_an_impostor(good, folder):
    impostor = Ed25519Signer(good.log.origin, sha256(b"impostor"))
    forged = Published(good.entries, replace(good.log.keys, log=impostor), good.log.origin)
    write(folder / "checkpoint", forged.note(good.size))


# --- the checkpoint, signed by operator and witnesses -------------------------------------------


def of_another_origin(good):
    return Checkpoint(good.other_origin, good.size, root_at(good.size, good.log.node)).text()


@kind()
def a_leading_zero_in_the_size(good, folder):
    """Two spellings of one size: Sigstore's and pymerkle's callers read numbers leniently."""
    good.resign(folder, good.text.replace(f"\n{good.size}\n", f"\n0{good.size}\n"))


@kind(*EVERYBODY)
def a_size_that_is_no_number(good, folder):
    good.resign(folder, good.text.replace(f"\n{good.size}\n", f"\n{good.size}e0\n"))


@kind()
def stray_bits_in_the_root(good, folder):
    root = line(folder / "checkpoint", 2)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = root[:-2] + digits[digits.index(root[-2]) ^ 1] + "="
    good.resign(folder, f"{good.log.origin}\n{good.size}\n{twin}\n")


@kind()
def a_checkpoint_of_another_origin_by_the_same_key(good, folder):
    good.resign(folder, of_another_origin(good))


@kind("pymerkle")
def a_root_of_nothing_in_the_log(good, folder):
    good.resign(folder, Checkpoint(good.log.origin, good.size, sha256(b"made up")).text())


# --- witnesses ----------------------------------------------------------------------------------


@kind()
def no_cosignatures(good, folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[:1]))


@kind()
def one_cosignature_of_the_two_needed(good, folder):
    edit_note(folder / "checkpoint", lambda note: Note(note.text, note.signatures[:2]))


@kind()
def one_witness_twice_instead_of_two(good, folder):
    again = good.log.keys.witnesses[0].cosign(good.text, good.log.time + 1)

    def twice(note):
        return Note(note.text, (*note.signatures[:2], again))

    edit_note(folder / "checkpoint", twice)


@kind()
def a_cosignature_of_another_origin(good, folder):
    other = of_another_origin(good)

    def swap(note):
        line = good.log.keys.witnesses[1].cosign(other, good.log.time)
        return Note(note.text, (*note.signatures[:2], line))

    edit_note(folder / "checkpoint", swap)


@kind()
def a_cosignature_with_another_time(good, folder):
    def later(note):
        *rest, last = note.signatures
        return Note(note.text, (*rest, last._replace(value=b"\0\0\0\0\x70" + last.value[5:])))

    edit_note(folder / "checkpoint", later)


@kind()
def an_ordinary_signature_in_place_of_a_cosignature(good, folder):
    def plain(note):
        *rest, last = note.signatures
        signed = good.log.keys.witnesses[-1]._key.sign(note.text.encode())
        forged = Signature(last.name, last.id, last.value[:8] + signed)
        return Note(note.text, (*rest, forged))

    edit_note(folder / "checkpoint", plain)
