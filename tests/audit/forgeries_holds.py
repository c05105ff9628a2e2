"""Forgeries of holds."""

from tests.audit.forgery import Table

FORGERIES = Table()
LOG, HELD, ENDED = "holds", "application.held", "application.hold_ended"


@FORGERIES(LOG, "held")
def a_vote_while_the_household_did_not_agree(log):
    log.find(ENDED, 0)
    log.drop(("application.reviewed", 0, "a.h0"))


@FORGERIES(LOG, "hold")
def a_hold_that_was_never_placed(log):
    log.find(HELD, 1)
    log.drop((ENDED, 0, "a.h1"))


@FORGERIES(LOG, "hold")
def a_hold_placed_twice_at_a_time(log):
    log.find(HELD, 1)
    log.repeat()
    log.records[log.at]["body"]["hold"] = "s9"


@FORGERIES(LOG, "unique-id")
def a_hold_under_the_name_of_another(log):
    log.find(HELD, 1)["body"]["hold"] = "s0"


@FORGERIES(LOG, "two-persons")
def a_hearing_by_who_filed_the_application(log):
    filed = log.find("application.applied", subject="a.h1")
    log.find(ENDED, subject="a.h1")["actor"] = filed["actor"]


@FORGERIES(LOG, "two-persons")
def a_withdrawal_heard_by_who_placed_the_hold(log):
    placed = log.find(HELD, subject="a.h2")
    log.find(ENDED, subject="a.h2")["actor"] = placed["actor"]


@FORGERIES(LOG, "hold")
def a_withdrawal_that_revokes_nothing(log):
    log.find(ENDED, subject="a.h2")["body"]["state"] = "applied"


@FORGERIES(LOG, "hold")
def a_lapse_of_a_hold_whose_application_runs(log):
    log.find(ENDED, subject="a.h1")["body"]["outcome"] = "lapsed"


@FORGERIES(LOG, "application")
def a_hold_on_an_application_of_nobody(log):
    log.find(HELD, 1)["subject"] = "a9"


@FORGERIES(LOG, "form")
def the_reason_beside_the_hold(log):
    log.find(HELD, 1)["body"]["reason"] = "not_asked"
