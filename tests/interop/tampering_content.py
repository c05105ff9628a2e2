"""Tampering with entries, tiles, receipts and proofs of growth, and by the operator himself."""

from app.transparency.merkle import root_of
from app.transparency.tiles import decode_entries, encode_entries
from tests.interop.published import write
from tests.interop.tampering import (
    SIGNATURES,
    edit,
    edit_text,
    line,
    other_hash,
    table,
)

KINDS, kind = table()

# --- entries and tiles --------------------------------------------------------------------------


def edit_bundle(folder, change):
    def edited(data):
        entries = decode_entries(data)
        return encode_entries(change(entries))

    edit(folder / "tile/entries/001", edited)


def altered(entry):
    """The entry with one of its digits changed."""
    digit = next(byte for byte in entry if chr(byte).isdigit())
    return entry.replace(bytes([digit]), bytes([digit ^ 1]), 1)


@kind("pymerkle")
def an_altered_entry(good, folder):
    edit_bundle(folder, lambda e: [*e[:7], altered(e[7]), *e[8:]])


@kind("pymerkle")
def a_dropped_entry(good, folder):
    edit_bundle(folder, lambda e: [*e[:7], *e[8:]])


@kind("pymerkle")
def an_inserted_entry(good, folder):
    edit_bundle(folder, lambda e: [*e[:7], b"{}", *e[7:-1]])


@kind("pymerkle")
def two_exchanged_entries(good, folder):
    edit_bundle(folder, lambda e: [*e[:7], e[8], e[7], *e[9:]])


@kind("pymerkle")
def one_entry_cut_into_two(good, folder):
    edit_bundle(folder, lambda e: [*e[:7], e[7][:5], e[7][5:], *e[8:]])


@kind()
def a_byte_after_the_last_entry(good, folder):
    """pymerkle's caller hashes the entries up to the size and looks no further."""
    path = folder / good.last_bundle
    write(path, path.read_bytes() + encode_entries([b"hidden"]))


@kind("pymerkle")
def a_bundle_less(good, folder):
    (folder / "tile/entries/001").unlink()


@kind()
def an_altered_tile(good, folder):
    edit(folder / "tile/0/001", lambda data: data[:40] + b"\0" + data[41:])


@kind()
def an_altered_tile_of_tiles(good, folder):
    edit(folder / good.tile_of_tiles, lambda data: data[:40] + b"\0" + data[41:])


@kind()
def a_shortened_tile(good, folder):
    edit(folder / good.last_tile, lambda data: data[:-32])


@kind()
def a_tile_with_one_hash_more(good, folder):
    edit(folder / good.last_tile, lambda data: data + bytes(32))


@kind()
def a_tile_less(good, folder):
    (folder / "tile/0/001").unlink()


# --- receipts -----------------------------------------------------------------------------------


@kind(*SIGNATURES)
def a_receipt_for_another_index(good, folder):
    edit_text(good.receipt(folder), f"index {good.index}\n", f"index {good.index - 1}\n")


@kind(*SIGNATURES)
def a_receipt_for_an_index_beyond_the_log(good, folder):
    edit_text(good.receipt(folder), f"index {good.index}\n", f"index {good.size}\n")


@kind(*SIGNATURES)
def a_receipt_for_another_entry(good, folder):
    write(folder / "proof" / f"{good.index}.entry", good.entries[good.index - 1])


@kind(*SIGNATURES)
def a_receipt_with_another_hash(good, folder):
    hash_ = line(good.receipt(folder), 4)
    edit_text(good.receipt(folder), hash_, other_hash(hash_))


@kind(*SIGNATURES)
def a_receipt_with_a_hash_less(good, folder):
    edit_text(good.receipt(folder), line(good.receipt(folder), 4) + "\n", "")


@kind(*SIGNATURES)
def a_receipt_with_a_hash_more(good, folder):
    hash_ = line(good.receipt(folder), 4)
    edit_text(good.receipt(folder), hash_, f"{hash_}\n{hash_}")


@kind(*SIGNATURES)
def a_receipt_with_two_hashes_exchanged(good, folder):
    first, second = line(good.receipt(folder), 3), line(good.receipt(folder), 4)
    edit_text(good.receipt(folder), f"{first}\n{second}", f"{second}\n{first}")


@kind(*SIGNATURES)
def a_receipt_over_another_checkpoint(good, folder):
    """All signatures hold, but the proof was made for the log of another size."""
    hashes = good.log.proof(good.index, good.size).split("\n\n")[0]
    write(good.receipt(folder), f"{hashes}\n\n{good.log.note(good.seen[1])}")


@kind(*SIGNATURES)
def an_inner_node_as_an_entry(good, folder):
    """A second preimage: two leaves' hashes, side by side, claimed to be one entry."""
    proof = good.log.proof(good.index, 512)
    first = line(good.receipt(folder), 2)
    shorter = proof.replace(first + "\n", "", 1)
    shorter = shorter.replace(f"index {good.index}", f"index {good.index // 2}")
    write(good.receipt(folder), shorter)
    pair = (good.log.node(0, good.index - 1), good.log.node(0, good.index))
    assert root_of(pair) == good.log.node(1, good.index // 2)
    write(folder / "proof" / f"{good.index}.entry", b"\x01" + b"".join(pair))


# --- growth -------------------------------------------------------------------------------------


def growth(good, folder, which=0):
    return folder / "consistency" / str(good.seen[which])


@kind()
def growth_with_another_hash(good, folder):
    path = growth(good, folder)
    edit_text(path, line(path, 1), other_hash(line(path, 1)))


@kind()
def growth_with_a_hash_less(good, folder):
    path = growth(good, folder)
    edit_text(path, line(path, 2) + "\n", "")


@kind()
def growth_with_a_hash_more(good, folder):
    path = growth(good, folder, 1)
    edit_text(path, line(path, 1), f"{line(path, 1)}\n{line(path, 1)}")


@kind()
def growth_from_another_size(good, folder):
    old = good.seen[0]
    edit_text(growth(good, folder), f"old {old}\n", f"old {old - 1}\n")


@kind()
def growth_without_proof(good, folder):
    note = good.log.note(good.size)
    write(growth(good, folder), f"old {good.seen[0]}\n\n{note}")


# --- the operator, with all keys and both witnesses, against what people remember ---------------


@kind("pymerkle")
def a_rewritten_history(good, folder):
    good.rewrite(folder, [*good.entries[:7], altered(good.entries[7]), *good.entries[8:]])


@kind("pymerkle")
def a_reordered_history(good, folder):
    good.rewrite(folder, [*good.entries[:7], good.entries[8], good.entries[7], *good.entries[9:]])


@kind("pymerkle")
def a_history_without_one_bid(good, folder):
    good.rewrite(folder, [*good.entries[:7], *good.entries[8:], b"{}"])


@kind("pymerkle")
def a_history_with_an_entry_put_in_before(good, folder):
    good.rewrite(folder, [*good.entries[:7], b"{}", *good.entries[7:]])


@kind("pymerkle")
def a_rolled_back_history(good, folder):
    good.rewrite(folder, good.entries[: good.seen[1] - 1])


@kind("pymerkle")
def a_history_rolled_back_and_grown_anew(good, folder):
    good.rewrite(
        folder, good.entries[: good.seen[1] - 1] + [f"anew {i}".encode() for i in range(200)]
    )


@kind("pymerkle")
def another_log_of_the_same_size_as_was_seen(good, folder):
    good.rewrite(folder, [*good.entries[: good.seen[1] - 1], b"fork"])


@kind()
def growth_of_a_rewritten_history(good, folder):
    """A proof of growth that is right, but within the other history."""
    forged = good.history([*good.entries[:7], b"{}", *good.entries[8:]])
    write(growth(good, folder), forged.growth(good.seen[0], good.size))
