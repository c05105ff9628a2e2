"""Forgeries of requests to redeem."""

from tests.audit.forgery import Table, earlier

FORGERIES = Table()
LOG = "redemptions"
ASKED, DONE = "redemption.requested", "redemption.approved"
REFUSED, WITHDRAWN = "redemption.refused", "redemption.withdrawn"


@FORGERIES(LOG, "redemption")
def a_request_that_nobody_made(log):
    log.find(ASKED, subject="q2")
    log.drop((REFUSED, 0))


@FORGERIES(LOG, "unique-id")
def a_request_told_twice(log):
    log.find(ASKED, subject="q2")
    log.repeat()


@FORGERIES(LOG, "redemption")
def a_second_request_of_a_kind_while_the_first_waits(log):
    log.find(WITHDRAWN)
    log.drop((ASKED, -1))


@FORGERIES(LOG, "redemption")
def more_time_to_decide(log):
    record = log.find(ASKED, subject="q1")
    record["body"]["due_at"] = record["body"]["due_at"].replace("T00:00", "T00:01")


@FORGERIES(LOG, "redemption")
def a_request_approved_by_who_made_it(log):
    asked = log.find(ASKED, subject="q1")
    asked["actor"] = log.find(DONE, subject="q1")["actor"]


@FORGERIES(LOG, "redemption")
def a_request_refused_by_who_made_it(log):
    asked = log.find(ASKED, subject="q2")
    asked["actor"] = log.find(REFUSED)["actor"]


@FORGERIES(LOG, "redemption")
def an_approval_of_something_else_than_was_done(log):
    log.find(ASKED, subject="q4")["body"]["kind"] = "cash_withdrawal"
    log.find(DONE, subject="q4")["body"]["kind"] = "cash_withdrawal"


@FORGERIES(LOG, "redemption")
def an_approval_of_what_was_never_done(log):
    log.find("contract.signed", contract="affordable_purchase")
    log.drop((DONE, 0, "q1"))


@FORGERIES(LOG, "redemption")
def a_request_decided_twice(log):
    log.find(REFUSED)
    log.repeat()


@FORGERIES(LOG, "redemption")
def a_refusal_in_the_name_of_another_household(log):
    log.find(REFUSED)["body"]["household"] = "h2"


@FORGERIES(LOG, "form")
def a_reason_that_is_not_on_the_list(log):
    log.find(REFUSED)["body"]["reason"] = "no_budget"


@FORGERIES(LOG, "form")
def what_a_household_declared_beside_its_request(log):
    log.find(ASKED, subject="q1")["body"]["urgent"] = True


@FORGERIES(LOG, "redemption")
def an_approval_some_seconds_before_it_was_done(log):
    record = log.find(DONE, subject="q1")
    record["at"] = earlier(record["at"])


@FORGERIES(LOG, "account")
def a_request_of_a_household_without_an_account(log):
    log.find(ASKED, subject="q1")["body"]["household"] = "h9"
