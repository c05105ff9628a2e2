"""Forgeries of everything but auctions."""

from tests.audit.forgery import Table, earlier, encoded, more

FORGERIES = Table()
one, two, defaulted, refusals = (
    "a-one-household",
    "d-two-provinces",
    "c-default-relist",
    "e-refusals",
)
ground = "on-the-ground"


@FORGERIES(one, "split")
def a_fen_moved_from_the_household_to_the_village(log):
    record = log.find("entry.settlement")
    village, villager = record["facts"]["split"]
    village[2], villager[2] = more(village[2]), more(villager[2], -1)
    for posting in record["postings"]:
        if posting[1] == village[3]:
            posting[2] = str(int(posting[2]) + 1)
        if posting[1] == villager[3]:
            posting[2] = str(int(posting[2]) - 1)
    log.restate()


@FORGERIES("b-sealed-tie", "split")
def a_fen_moved_from_one_ticket_to_another(log):
    for nth, by in ((0, 1), (1, -1)):
        record = log.find("entry.settlement", nth)
        facts = record["facts"]
        facts["share"], facts["net"] = more(facts["share"], by), more(facts["net"], by)
        facts["split"][-1][2] = more(facts["split"][-1][2], by)
    log.at -= 1


@FORGERIES(one, "split")
def costs_repaid_to_another_county(log):
    record = log.find("entry.settlement")
    record["postings"][0][1] = "county:500000:500112"
    log.restate()


@FORGERIES(one, "split")
def the_sum_of_the_villagers_shares_overstated(log):
    body = log.find("lot.settled")["body"]
    body["villagers"] = more(body["villagers"])


@FORGERIES(two, "split")
def the_home_province_left_out_of_a_settlement(log):
    log.find("entry.settlement_home")
    log.drop()
    log.restate()


@FORGERIES(two, "conversion")
def a_better_yield_than_the_one_in_force(log):
    for kind in ("entry.conversion_in", "entry.conversion_out"):
        log.find(kind)["facts"]["yield_out"] += 1


@FORGERIES(two, "conversion")
def an_area_rounded_up_in_conversion(log):
    for nth, kind in enumerate(("entry.conversion_in", "entry.conversion_out")):
        record = log.find(kind)
        record["facts"]["received_m2"] = more(record["facts"]["received_m2"])
        if nth == 0:
            record["postings"][0][2] = str(int(record["postings"][0][2]) + 1)
    log.restate()


@FORGERIES(two, "coefficient-in-force")
def a_coefficient_that_nobody_approved(log):
    log.find("coefficient.approved")
    log.drop(("entry.conversion_out",))


@FORGERIES(two, "coefficient-in-force")
def a_coefficient_out_of_its_days(log):
    log.find("coefficient.proposed")["body"]["valid_to"] = "2026-01-01"
    log.find("coefficient.proposed")["body"]["valid_from"] = "2026-01-01"
    log.find("entry.conversion_out")


@FORGERIES(two, "approval")
def a_coefficient_approved_by_its_proposer(log):
    actor = log.find("coefficient.proposed")["actor"]
    log.find("coefficient.approved")["actor"] = actor


@FORGERIES(one, "approval")
def a_policy_approved_by_its_proposer(log):
    actor = log.find("policy.proposed")["actor"]
    log.find("policy.approved")["actor"] = actor


@FORGERIES(one, "policy-in-force")
def a_policy_applied_that_nobody_approved(log):
    log.find("policy.approved")
    log.drop(("application.applied",))


@FORGERIES(one, "policy")
def a_share_of_more_than_the_whole(log):
    log.find("policy.proposed")["body"]["parameters"]["fee_offset_share"] = 101


@FORGERIES(one, "floor")
def money_spent_that_never_came_in(log):
    for record in log.records:
        if record["kind"] == "entry.cash_in":
            record["postings"][0][2] = "1"
    log.restate()
    log.find("entry.deposit_hold")


@FORGERIES(one, "unique-key")
def money_booked_twice(log):
    log.find("entry.cash_in")
    log.repeat()
    log.restate()


@FORGERIES(one, "cash-in")
def money_credited_to_another_bidder(log):
    record = log.find("entry.cash_in")
    record["postings"][0][1] = "bidder_cash:000000:b2"
    log.restate()


@FORGERIES(one, "issue")
def a_ticket_of_another_area_than_was_accepted(log):
    record = log.find("entry.issue")
    record["facts"]["area_m2"] = more(record["facts"]["area_m2"], -1)


@FORGERIES(one, "acceptance")
def land_moved_into_another_province(log):
    record = log.find("entry.reclamation")
    record["postings"][0][1] = record["postings"][0][1].replace("500000", "330000")
    log.restate()


@FORGERIES(one, "balance")
def a_balance_misstated_by_a_fen(log):
    posting = log.find("entry.housing_payment")["postings"][0]
    posting[3] = str(int(posting[3]) + 1)


@FORGERIES(one, "lawful-area")
def more_land_accepted_than_is_lawful(log):
    record = log.find("entry.reclamation")
    area = log.find("application.applied")["body"]["lawful_m2"]
    log.find("entry.reclamation")
    record["facts"]["accepted_m2"] = more(area)
    for posting in record["postings"]:
        posting[2] = str(int(more(area).replace(".", "")))
    log.restate()


@FORGERIES(one, "application-state")
def land_accepted_that_the_county_never_approved(log):
    log.find("application.approved")
    log.drop(("entry.reclamation",))


@FORGERIES(one, "application")
def a_vote_that_failed_taken_as_carried(log):
    log.find("application.reviewed")["body"]["votes_for"] = 1


@FORGERIES(one, "two-persons")
def an_approval_by_who_determined(log):
    actor = log.find("application.determined")["actor"]
    log.find("application.approved")["actor"] = actor


@FORGERIES(one, "two-persons")
def land_accepted_by_who_filed_for_the_household(log):
    actor = log.find("application.applied")["actor"]
    log.find("entry.reclamation")["actor"] = actor


@FORGERIES(ground, "parcel")
def ground_given_up_a_second_time(log):
    held = log.find("entry.reclamation")["facts"]["parcel"]
    log.find("entry.reclamation", 1)["facts"]["parcel"] = held


@FORGERIES(ground, "parcel")
def an_outline_exchanged_for_another(log):
    log.find("application.applied")["body"]["parcel"] = "0" * 64
    log.find("entry.reclamation")


@FORGERIES(ground, "form")
def an_outline_without_its_hash(log):
    log.find("entry.reclamation")["facts"]["parcel"] = [["111.2", "28.3"]]


@FORGERIES(one, "cooling-off")
def a_vote_within_the_cooling_off(log):
    record = log.find("application.reviewed")
    record["at"] = earlier(record["at"])


@FORGERIES(one, "notice-period")
def a_determination_while_the_notice_runs(log):
    record = log.find("application.determined")
    record["at"] = earlier(record["at"])


@FORGERIES(defaulted, "objection")
def an_objection_never_ruled_on(log):
    log.find("objection.ruled")
    log.drop(("application.determined",))


@FORGERIES(one, "hand-in")
def a_ticket_handed_in_without_a_city(log):
    log.find("application.city_approved")
    log.drop(("ticket.handed_in",))


@FORGERIES(one, "city")
def a_city_that_lowers_its_criteria_for_one(log):
    log.find("application.city_approved")["body"]["work_years"] = 0


@FORGERIES(two, "subsidy")
def a_subsidy_of_a_fen_too_much(log):
    record = log.find("entry.subsidy")
    record["facts"]["amount"] = more(record["facts"]["amount"])
    record["postings"][0][2] = str(int(record["postings"][0][2]) + 1)
    log.restate()


@FORGERIES(two, "subsidy")
def a_subsidy_for_one_head_more(log):
    log.find("entry.subsidy")["facts"]["heads"] += 1


@FORGERIES(two, "land-income")
def less_than_the_share_of_land_income_pooled(log):
    for kind in ("land_income.booked", "entry.land_income"):
        record = log.find(kind)
        facts = record.get("facts") or record["body"]
        facts["pooled"] = more(facts["pooled"], -1)
        if "postings" in record:
            record["postings"][0][2] = str(int(record["postings"][0][2]) - 1)
    log.restate()


@FORGERIES(one, "rent")
def a_rent_of_a_fen_too_much(log):
    record = log.find("entry.rent", 3)
    record["facts"]["paid"] = more(record["facts"]["paid"])
    record["postings"][0][2] = str(int(record["postings"][0][2]) + 1)
    log.restate()


@FORGERIES(one, "rent-date")
def a_month_of_rent_left_out(log):
    log.find("rental.charged", 5)
    log.drop()
    log.at -= 1
    log.drop()
    log.restate()


@FORGERIES(one, "rent-date")
def rent_charged_a_day_early(log):
    record = log.find("entry.rent", 4)
    record["at"] = record["at"].replace("T16:00", "T15:00")


@FORGERIES(one, "account-use")
def a_home_paid_for_with_less_than_the_balance(log):
    for kind in ("contract.signed", "entry.housing_payment"):
        record = log.find(kind)
        facts = record.get("facts") or record["body"]
        facts["paid_for_home"] = facts["from_account"] = more(facts["from_account"], -1)
        facts["balance_after"], facts["gap"] = more(facts["balance_after"]), more(facts["gap"])
        if "postings" in record:
            record["postings"][0][2] = str(int(record["postings"][0][2]) - 1)
    log.restate()


@FORGERIES(one, "incomplete")
def a_payment_without_its_contract(log):
    log.find("entry.housing_payment")
    begun = log.at
    log.find("contract.signed")
    log.drop()
    log.records.append({**log.records[begun - 1], "at": "2090-01-01T00:00:00.000000Z"})
    log.at = begun


@FORGERIES(two, "land-sale")
def a_fee_offset_of_a_fen_too_much(log):
    facts = log.find("entry.land_sale")["facts"]
    facts["offset_cny"] = more(facts["offset_cny"])


@FORGERIES(two, "land-sale")
def a_certificate_used_up_at_less_than_its_cost(log):
    facts = log.find("entry.land_sale")["facts"]
    facts["ticket_cost_cny"] = more(facts["ticket_cost_cny"], -1)


@FORGERIES(two, "plot")
def a_plot_larger_than_the_certificate(log):
    log.find("plot.selected")["body"]["area_m2"] = "99999.00"


@FORGERIES(two, "netting")
def provinces_that_settle_for_less(log):
    record = log.find("entry.provincial_settlement")
    record["facts"]["paid_cny"] = more(record["facts"]["paid_cny"], -1)


@FORGERIES(two, "account-moved")
def an_account_that_loses_a_fen_on_its_way(log):
    for kind in ("entry.account_moved_in", "entry.account_moved_out"):
        record = log.find(kind)
        record["facts"]["balance"] = more(record["facts"]["balance"], -1)
        record["postings"][0][2] = str(int(record["postings"][0][2]) - 1)
    log.restate()


@FORGERIES(two, "ticket-state")
def a_ticket_handed_in_and_sent_away(log):
    log.find("transfer.requested")
    log.repeat()
    log.records[log.at]["subject"] = "x2"


@FORGERIES(one, "unique-id")
def a_household_registered_twice(log):
    log.find("household.registered")
    log.repeat()


@FORGERIES(one, "registration")
def a_credential_for_nobody(log):
    log.find("credential.issued", role="villager")["body"]["party"] = "h9"


@FORGERIES(one, "form")
def a_name_in_a_record(log):
    log.find("household.registered")["body"]["name"] = "向德贵"


@FORGERIES(one, "form")
def a_record_of_a_kind_of_ones_own(log):
    log.find("ticket.handed_in")["kind"] = "ticket.given"


@FORGERIES(one, "form")
def a_record_with_spaces(log):
    record = log.find("ticket.handed_in")
    log.records[log.at] = encoded(record).replace(b",", b", ", 1)


@FORGERIES(one, "form")
def a_field_given_twice(log):
    record = log.find("ticket.handed_in")
    log.records[log.at] = b'{"actor":"x",' + encoded(record)[1:]


@FORGERIES(one, "form")
def an_amount_as_a_number(log):
    log.find("ticket.handed_in")["body"]["area_m2"] = 180.0


@FORGERIES(one, "clock")
def a_record_dated_back(log):
    log.find("ticket.handed_in")["at"] = "2026-01-01T00:00:00.000000Z"


@FORGERIES(one, "one-transaction")
def a_settlement_by_another_hand_than_the_payment(log):
    log.find("lot.paid")["actor"] = "somebody.else"


@FORGERIES(one, "application")
def a_household_with_two_open_applications(log):
    log.find("application.applied")
    log.repeat()
    log.records[log.at]["subject"] = "a2"


@FORGERIES(refusals, "notice-period")
def an_objection_behind_the_notice(log):
    log.find("objection.raised")["at"] = "2026-12-01T00:00:00.000000Z"
