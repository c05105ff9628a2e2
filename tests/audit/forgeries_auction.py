"""Forgeries of auctions, open and sealed."""

from app.audit.shapes import instant_of
from app.kernel.calendar import wire
from tests.audit.forgery import Table, earlier, more, utc

FORGERIES = Table()
one, sealed, defaulted, refusals, tie = (
    "a-one-household",
    "sealed",
    "c-default-relist",
    "e-refusals",
    "b-sealed-tie",
)
ZERO = "00" * 32


def utc_of(text):
    """An instant of a body as records are dated."""
    return utc(instant_of(text))


@FORGERIES(one, "bid")
def two_bids_in_each_others_place(log):
    log.find("bid.placed", 1)
    first = log.at
    log.find("bid.placed", 0)
    log.swap_bodies(first)


@FORGERIES(one, "bid")
def a_bid_left_out(log):
    log.find("bid.placed", 0)
    log.drop()


@FORGERIES(one, "result")
def the_last_bid_left_out(log):
    log.find("bid.placed", 2)
    log.drop()
    log.find("entry.deposit_release")
    log.find("lot.closed")
    body = log.records[log.at]["body"]
    last = log.records[log.where("bid.placed", 1)]["body"]
    closes = log.records[log.where("bid.placed", 1)]["body"]["closes_at"]
    for index in (log.at - 1, log.at):
        log.records[index]["at"] = utc_of(closes)
    body["closed_at"] = closes
    assert last["price_cny"] != body["price_cny"]


@FORGERIES(one, "result")
def another_winner(log):
    body = log.find("lot.closed")["body"]
    won = body["winner"]
    body["winner"] = "b1" if won == "b2" else "b2"
    log.give_deposit_back_to(won, instead_of=body["winner"])


@FORGERIES(one, "result")
def a_lower_price_than_was_bid(log):
    body = log.find("lot.closed")["body"]
    body["price_cny"] = more(body["price_cny"], -1)


@FORGERIES(one, "result")
def a_payment_term_of_ones_own(log):
    body = log.find("lot.closed")["body"]
    body["payment_due_at"] = wire(instant_of(body["payment_due_at"]).replace(year=2027))


@FORGERIES(one, "bid")
def a_countdown_that_was_not_given(log):
    for nth in range(3):
        record = log.find("bid.placed", nth)
        before = log.records[log.at - 1]["body"].get("closes_at")
        if before and before != record["body"]["closes_at"]:
            record["body"]["closes_at"] = before
            return
    raise AssertionError("no bid of this log put the close off")


@FORGERIES(one, "bid-unlawful")
def a_bid_after_the_close(log):
    closes = log.find("bid.placed", 2)["body"]["closes_at"]
    log.records[log.at]["at"] = utc_of(closes)


@FORGERIES(one, "bid-unlawful")
def a_bid_before_the_opening(log):
    record = log.find("bid.placed", 0)
    opens = log.records[log.where("lot.listed")]["body"]["terms"]["opens_at"]
    record["at"] = earlier(utc_of(opens))


@FORGERIES(one, "bid-unlawful")
def a_bid_below_the_increment(log):
    lot = log.find("lot.listed")["body"]["terms"]
    leader = log.find("bid.placed", 0)["body"]["price_cny"]
    least = int(leader.replace(".", "")) + int(lot["increment_cny"].replace(".", ""))
    body = log.find("bid.placed", 1)["body"]
    body["price_cny"] = more(f"{least // 100}.{least % 100:02d}", -1)


@FORGERIES(one, "bid-unlawful")
def a_leader_that_outbids_itself(log):
    paddle = log.find("bid.placed", 0)["body"]["paddle"]
    log.find("bid.placed", 1)["body"]["paddle"] = paddle


@FORGERIES(one, "refusal")
def a_bid_refused_that_was_good(log):
    record = log.find("bid.placed", 2)
    record["kind"] = "bid.refused"
    body = record["body"]
    record["body"] = {
        "paddle": body["paddle"],
        "code": "bid-below-increment",
        "price_cny": body["price_cny"],
    }


@FORGERIES(refusals, "refusal")
def a_refusal_for_another_reason(log):
    record = log.find("bid.refused", code="bid-below-start")
    record["body"]["code"] = "bid-below-increment"


@FORGERIES(refusals, "bid-unlawful")
def a_refused_bid_taken(log):
    record = log.find("bid.refused", code="bid-below-start")
    terms = log.records[log.where("lot.listed")]["body"]["terms"]
    body = record["body"]
    record["kind"] = "bid.placed"
    record["body"] = {
        "paddle": body["paddle"],
        "number": 1,
        "price_cny": body["price_cny"],
        "closes_at": terms["closes_at"],
    }


@FORGERIES(one, "form")
def an_actor_named_on_a_bid(log):
    log.find("bid.placed")["actor"] = "bidder.b1.a"


@FORGERIES(one, "close-time")
def a_close_before_its_time(log):
    record = log.find("entry.deposit_release")
    record["at"] = log.records[log.where("bid.placed", 2)]["at"]


@FORGERIES(defaulted, "freeze")
def a_second_too_many_after_a_freeze(log):
    body = log.find("lot.resumed")["body"]
    later = instant_of(body["closes_at"])
    body["closes_at"] = wire(later.replace(second=(later.second + 1) % 60))


@FORGERIES(one, "notice")
def a_notice_whose_hash_is_of_other_terms(log):
    log.find("lot.listed")["body"]["hash"] = ZERO


@FORGERIES(one, "notice-period")
def a_notice_shorter_than_the_period(log):
    record = log.find("lot.listed")
    terms = record["body"]["terms"]
    terms["opens_at"] = wire(instant_of(record["at"]).replace(microsecond=0))
    log.rehash(record)


@FORGERIES(one, "costs-floor")
def a_start_price_below_the_costs(log):
    record = log.find("lot.listed")
    record["body"]["terms"]["start_price_cny"] = "0.01"
    log.rehash(record)
    log.find("lot.bundle")


@FORGERIES(one, "notice")
def a_countdown_of_ones_own_in_the_notice(log):
    record = log.find("lot.listed")
    record["body"]["terms"]["extension_seconds"] += 1
    log.rehash(record)


@FORGERIES(one, "bundle")
def a_bundle_with_another_area(log):
    row = log.find("lot.bundle")["body"]["tickets"][0]
    row[1] = more(row[1])


@FORGERIES(sealed, "notice")
def a_new_notice_that_changes_how_bids_are_taken(log):
    record = log.find("lot.listed", 1, "renewed")
    record["body"]["terms"]["sealed_tie"] = "draw"
    record["body"]["terms"]["draw_seed"] = "mine"
    log.rehash(record)


@FORGERIES(sealed, "notice")
def a_new_notice_after_the_opening(log):
    record = log.find("lot.listed", 1, "renewed")
    terms = log.records[log.where("lot.listed", 0, "renewed")]["body"]["terms"]
    record["at"] = utc_of(terms["opens_at"])


@FORGERIES(one, "deposit")
def a_registration_without_its_deposit(log):
    log.find("entry.deposit_hold")
    log.drop(("lot.registered",))
    log.restate()


@FORGERIES(one, "deposit")
def a_deposit_given_back_in_part(log):
    record = log.find("entry.deposit_release")
    record["postings"][0][2] = str(int(record["postings"][0][2]) - 1)
    log.restate()


@FORGERIES(one, "deposit")
def a_deposit_kept_back(log):
    log.find("entry.deposit_release")
    log.drop(("lot.closed",))
    log.restate()


@FORGERIES(defaulted, "default")
def a_default_before_the_term(log):
    record = log.find("entry.deposit_forfeit")
    record["at"] = earlier(record["at"])


@FORGERIES(one, "payment")
def a_payment_after_the_term(log):
    due = log.records[log.where("lot.closed")]["body"]["payment_due_at"]
    log.find("entry.payment")["at"] = utc_of(due)


@FORGERIES(one, "payment")
def a_winner_that_pays_less(log):
    record = log.find("entry.payment")
    record["postings"][-1][2] = str(int(record["postings"][-1][2]) - 1)
    log.restate()


@FORGERIES(one, "paddle")
def paddles_exchanged_between_bidders(log):
    rows = log.find("lot.paddles")["body"]["paddles"]
    rows[0][0], rows[1][0] = rows[1][0], rows[0][0]


@FORGERIES(tie, "opening")
def a_sealed_price_opened_to_another(log):
    row = log.find("lot.opened")["body"]["bids"][0]
    row[2] = more(row[2])


@FORGERIES(tie, "result")
def a_tie_decided_the_other_way(log):
    body = log.find("lot.closed")["body"]
    prices = {row[1]: row[2] for row in log.find("lot.opened")["body"]["bids"]}
    paddles = {row[1]: row[0] for row in log.find("lot.paddles")["body"]["paddles"]}
    log.find("lot.closed")
    equal = [b for b, p in paddles.items() if prices[p] == body["price_cny"]]
    won = body["winner"]
    body["winner"] = next(b for b in equal if b != won)
    log.give_deposit_back_to(won, instead_of=body["winner"])


@FORGERIES(tie, "incomplete")
def a_sealed_bid_never_opened(log):
    log.find("lot.opened")["body"]["bids"].pop(0)
    log.find("lot.closed")


@FORGERIES(sealed, "reserve")
def a_reserve_price_chosen_afterwards(log):
    body = log.find("lot.decided", subject="unsold")["body"]
    body["reserve_price_cny"] = "1.00"


# ------------------------------------------------------------- bids sealed to custodians


@FORGERIES(sealed, "result")
def an_equal_later_sealed_bid_preferred(log):
    log.find("lot.decided", subject="sold")["body"]["winner"] = "b2"


@FORGERIES(sealed, "opening")
def a_sealed_bid_opened_to_another_price(log):
    body = log.find("bid.opened", subject="sold")["body"]
    body["price_cny"] = more(body["price_cny"])


@FORGERIES(sealed, "opening")
def a_good_sealed_bid_called_void(log):
    body = log.find("bid.opened", subject="sold")["body"]
    body["price_cny"], body["void"] = None, "message-malformed"


@FORGERIES(sealed, "opening")
def the_best_sealed_bid_not_opened(log):
    log.find("bid.opened", 1, "sold", price_cny="26000.00")
    log.at = log.where("bid.opened", 1, "sold")
    log.drop(("lot.decided", 0, "sold"))


@FORGERIES(sealed, "on-time")
def a_sealed_bid_that_came_after_the_close(log):
    h = log.find("bid.opened", subject="sold")["body"]["h"]
    opened = log.at
    commit = next(
        i for i, r in enumerate(log.records) if r["kind"] == "commit" and r["subject"] == h
    )
    log.move(commit, log.where("lot.closed", 0, "sold"))
    log.at = opened


@FORGERIES(sealed, "opening")
def a_sealed_bid_without_a_commit(log):
    h = log.find("bid.opened", subject="sold")["body"]["h"]
    opened = log.at
    log.at = next(
        i for i, r in enumerate(log.records) if r["kind"] == "commit" and r["subject"] == h
    )
    log.drop()
    log.at = opened - 1


@FORGERIES(sealed, "opening")
def a_sealed_bid_in_another_bidders_name(log):
    body = log.find("bid.opened", subject="sold")["body"]
    text, _, signature = body["note"].rpartition("\n\n")
    body["note"] = f"{text}\n\n{signature.replace('b0/sold', 'b1/sold')}"
