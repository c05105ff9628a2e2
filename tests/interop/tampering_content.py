"""Tampering with entries, tiles, receipts and proofs of growth, and by the operator himself."""

from app.transparency.merkle import root_of
from app.transparency.tiles import decode_entries, encode_entries
from tests.interop.published import Published, write
from tests.interop.tampering import (
    ENTRIES,
    INDEX,
    LOG,
    SIGNATURES,
    SIZE,
    edit,
    edit_text,
    line,
    other_hash,
    receipt,
    rewrite,
    table,
)

KINDS, kind = table()

# --- entries and tiles --------------------------------------------------------------------------


def edit_bundle(folder, change):
    def edited(data):
        entries = decode_entries(data)
        return encode_entries(change(entries))

    edit(folder / "tile/entries/001", edited)


@kind("pymerkle")
def an_altered_entry(folder):
    edit_bundle(folder, lambda e: [*e[:7], e[7].replace(b"263", b"264"), *e[8:]])


@kind("pymerkle")
def a_dropped_entry(folder):
    edit_bundle(folder, lambda e: [*e[:7], *e[8:]])


@kind("pymerkle")
def an_inserted_entry(folder):
    edit_bundle(folder, lambda e: [*e[:7], b"{}", *e[7:-1]])


@kind("pymerkle")
def two_exchanged_entries(folder):
    edit_bundle(folder, lambda e: [*e[:7], e[8], e[7], *e[9:]])


@kind("pymerkle")
def one_entry_cut_into_two(folder):
    edit_bundle(folder, lambda e: [*e[:7], e[7][:5], e[7][5:], *e[8:]])


@kind()
def a_byte_after_the_last_entry(folder):
    """pymerkle's caller hashes the entries up to the size and looks no further."""
    write(folder / "tile/entries/002.p/88", encode_entries([*ENTRIES[512:], b"hidden"]))


@kind("pymerkle")
def a_bundle_less(folder):
    (folder / "tile/entries/001").unlink()


@kind()
def an_altered_tile(folder):
    edit(folder / "tile/0/001", lambda data: data[:40] + b"\0" + data[41:])


@kind()
def an_altered_tile_of_tiles(folder):
    edit(folder / "tile/1/000.p/2", lambda data: data[:40] + b"\0" + data[41:])


@kind()
def a_shortened_tile(folder):
    edit(folder / "tile/0/002.p/88", lambda data: data[:-32])


@kind()
def a_tile_with_one_hash_more(folder):
    edit(folder / "tile/0/002.p/88", lambda data: data + bytes(32))


@kind()
def a_tile_less(folder):
    (folder / "tile/0/001").unlink()


# --- receipts -----------------------------------------------------------------------------------


@kind(*SIGNATURES)
def a_receipt_for_another_index(folder):
    edit_text(receipt(folder), f"index {INDEX}\n", f"index {INDEX - 1}\n")


@kind(*SIGNATURES)
def a_receipt_for_an_index_beyond_the_log(folder):
    edit_text(receipt(folder), f"index {INDEX}\n", f"index {SIZE}\n")


@kind(*SIGNATURES)
def a_receipt_for_another_entry(folder):
    write(folder / "proof" / f"{INDEX}.entry", b'{"record":298}')


@kind(*SIGNATURES)
def a_receipt_with_another_hash(folder):
    hash_ = line(receipt(folder), 4)
    edit_text(receipt(folder), hash_, other_hash(hash_))


@kind(*SIGNATURES)
def a_receipt_with_a_hash_less(folder):
    edit_text(receipt(folder), line(receipt(folder), 4) + "\n", "")


@kind(*SIGNATURES)
def a_receipt_with_a_hash_more(folder):
    hash_ = line(receipt(folder), 4)
    edit_text(receipt(folder), hash_, f"{hash_}\n{hash_}")


@kind(*SIGNATURES)
def a_receipt_with_two_hashes_exchanged(folder):
    first, second = line(receipt(folder), 3), line(receipt(folder), 4)
    edit_text(receipt(folder), f"{first}\n{second}", f"{second}\n{first}")


@kind(*SIGNATURES)
def a_receipt_over_another_checkpoint(folder):
    """All signatures hold, but the proof was made for the log of another size."""
    hashes = LOG.proof(INDEX, SIZE).split("\n\n")[0]
    write(receipt(folder), f"{hashes}\n\n{LOG.note(512)}")


@kind(*SIGNATURES)
def an_inner_node_as_an_entry(folder):
    """A second preimage: two leaves' hashes, side by side, claimed to be one entry."""
    proof = LOG.proof(INDEX, 512)
    first = line(receipt(folder), 2)
    shorter = proof.replace(first + "\n", "", 1).replace(f"index {INDEX}", f"index {INDEX // 2}")
    write(receipt(folder), shorter)
    pair = (LOG.node(0, INDEX - 1), LOG.node(0, INDEX))
    assert root_of(pair) == LOG.node(1, INDEX // 2)
    write(folder / "proof" / f"{INDEX}.entry", b"\x01" + b"".join(pair))


# --- growth -------------------------------------------------------------------------------------


@kind()
def growth_with_another_hash(folder):
    path = folder / "consistency/300"
    edit_text(path, line(path, 1), other_hash(line(path, 1)))


@kind()
def growth_with_a_hash_less(folder):
    path = folder / "consistency/300"
    edit_text(path, line(path, 2) + "\n", "")


@kind()
def growth_with_a_hash_more(folder):
    path = folder / "consistency/512"
    edit_text(path, line(path, 1), f"{line(path, 1)}\n{line(path, 1)}")


@kind()
def growth_from_another_size(folder):
    edit_text(folder / "consistency/300", "old 300\n", "old 299\n")


@kind()
def growth_without_proof(folder):
    write(folder / "consistency/300", "old 300\n\n" + LOG.note(SIZE))


# --- the operator, with all keys and both witnesses, against what people remember ---------------


@kind("pymerkle")
def a_rewritten_history(folder):
    rewrite(folder, [*ENTRIES[:7], b'{"record":7,"winner":"another"}', *ENTRIES[8:]])


@kind("pymerkle")
def a_reordered_history(folder):
    rewrite(folder, [*ENTRIES[:7], ENTRIES[8], ENTRIES[7], *ENTRIES[9:]])


@kind("pymerkle")
def a_history_without_one_bid(folder):
    rewrite(folder, [*ENTRIES[:7], *ENTRIES[8:], b"{}"])


@kind("pymerkle")
def a_history_with_an_entry_put_in_before(folder):
    rewrite(folder, [*ENTRIES[:7], b"{}", *ENTRIES[7:]])


@kind("pymerkle")
def a_rolled_back_history(folder):
    rewrite(folder, ENTRIES[:511])


@kind("pymerkle")
def a_history_rolled_back_and_grown_anew(folder):
    rewrite(folder, ENTRIES[:511] + [f"anew {i}".encode() for i in range(200)])


@kind("pymerkle")
def another_log_of_the_same_size_as_was_seen(folder):
    rewrite(folder, [*ENTRIES[:511], b"fork"])


@kind()
def growth_of_a_rewritten_history(folder):
    """A proof of growth that is right, but within the other history."""
    forged = Published([*ENTRIES[:7], b"{}", *ENTRIES[8:]])
    write(folder / "consistency/300", forged.growth(300, SIZE))
