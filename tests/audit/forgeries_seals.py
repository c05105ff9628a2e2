"""Forgeries around sealed bids: keys, commits, and what is left out."""

import hashlib
from base64 import b64decode, b64encode

from app.audit.records import canonical
from tests.audit.forgery import Table, earlier

FORGERIES = Table()
sealed = "sealed"


@FORGERIES(sealed, "custodian-key")
def a_custodians_key_that_is_not_its_own(log):
    record = log.find("custodian.released", subject="sold")
    record["body"]["private_key"] = b64encode(bytes(31) + b"\x01").decode()


@FORGERIES(sealed, "opening")
def a_lot_opened_before_enough_keys_were_there(log):
    log.find("custodian.released", 2, "sold")
    log.drop(("entry.deposit_release", 0, "sold"))
    # The bids cannot be opened without it; named first is the bid, behind the released deposits.
    log.at = log.where("bid.opened", 0, "sold")


@FORGERIES(sealed, "bid-key")
def a_bidders_own_key_replaced(log):
    record = log.find("bid.key_published")
    record["body"]["dek"] = b64encode(bytes(32)).decode()
    h = record["body"]["h"]
    log.find("bid.opened", h=h)


@FORGERIES(sealed, "bid-key")
def a_good_bid_voided_by_a_wrong_key(log):
    h = log.find("bid.opened", subject="lost", price_cny="24000.00")["body"]["h"]
    log.find("bid.key_published", h=h)["body"]["dek"] = b64encode(bytes(32)).decode()
    log.find("lot.decided", subject="lost")["body"]["valid_bidders"] -= 1
    log.find("bid.opened", h=h)["body"] |= {"price_cny": None, "void": "dek-mismatch"}


@FORGERIES(sealed, "opening")
def another_set_of_bids_fixed_at_the_close(log):
    log.find("lot.closed", subject="sold")["body"]["commits"] = "0" * 64
    log.at = log.where("lot.decided", 0, "sold")


@FORGERIES(sealed, "close")
def a_close_that_fixes_no_set_of_bids(log):
    log.find("lot.closed", subject="sold")["body"]["commits"] = None


@FORGERIES(sealed, "on-time")
def a_sealed_bid_taken_after_the_closing_time(log):
    h = log.find("bid.opened", 4, "renewed")["body"]["h"]
    closing = log.find("lot.closed", subject="renewed")
    commit = log.find("commit", h=h)
    commit["at"] = earlier(closing["at"], -30)
    log.move(log.at, log.where("lot.closed", 0, "renewed") - 1)
    log.find("bid.opened", h=h)


@FORGERIES(sealed, "notice")
def custodians_keys_of_another_lot(log):
    made = log.find("lot.listed", subject="sold")["body"]["terms"]["custodians"]
    record = log.find("lot.listed", subject="lost")
    record["body"]["terms"]["custodians"] = made
    log.rehash(record)


@FORGERIES(sealed, "notice")
def a_custodians_key_in_another_spelling(log):
    record = log.find("lot.listed", subject="lost")
    custodian = record["body"]["terms"]["custodians"][0]
    key = bytearray(b64decode(custodian[1]))
    key[31] |= 0x80
    custodian[1] = b64encode(key).decode()
    log.rehash(record)


@FORGERIES(sealed, "overdue")
def a_lot_whose_bids_are_never_opened(log):
    log.find("custodian.released", subject="unsold")
    del log.records[log.at :]
    registered = log.find("bidder.registered")
    late = {"subject": "b99", "at": earlier(registered["at"], -9 * 86_400)}
    log.records.append(registered | late)
    log.at = len(log.records)


@FORGERIES(sealed, "probe")
def a_probe_answered_wrongly(log):
    log.find("custodian.answered")["body"]["nonce"] = b64encode(bytes(32)).decode()


@FORGERIES(sealed, "commit")
def a_commit_made_twice(log):
    log.find("commit")
    log.repeat()


@FORGERIES(sealed, "opening")
def a_sealed_bid_that_is_never_opened(log):
    record = log.find("commit")
    h = record["subject"]
    opening = next(
        i for i, r in enumerate(log.records) if r["kind"] == "bid.opened" and r["body"]["h"] == h
    )
    lot = log.records[opening]["subject"]
    del log.records[opening]
    log.at = log.where("lot.decided", 0, lot)


@FORGERIES(sealed, "sealed-bid-left-out")
def a_sealed_bid_left_out_from_the_close_on(log):
    h = log.find("commit")["subject"]
    commit = log.at
    opening = next(
        i for i, r in enumerate(log.records) if r["kind"] == "bid.opened" and r["body"]["h"] == h
    )
    lot = log.records[opening]["subject"]
    del log.records[opening]
    opened = [
        r["body"]["h"] for r in log.records if (r["kind"], r["subject"]) == ("bid.opened", lot)
    ]
    fixed = hashlib.sha256(canonical({"commits": opened})).hexdigest()
    log.find("lot.closed", subject=lot)["body"]["commits"] = fixed
    log.at = commit


@FORGERIES(sealed, "registration")
def a_registration_without_a_key_to_sign_with(log):
    log.find("lot.registered", subject="sold")["body"]["bid_key"] = None
