"""Forgeries of what provinces owe each other and pay through the bank."""

from tests.audit.forgery import Table, more

FORGERIES = Table()
LOG = "clearing"


@FORGERIES(LOG, "approval")
def terms_approved_by_one_person(log):
    log.find("clearing_terms.approved")["actor"] = log.find("clearing_terms.proposed")["actor"]
    log.find("clearing_terms.approved")


@FORGERIES(LOG, "clearing")
def a_window_that_leaves_records_out(log):
    log.find("settlement_window.closed")["body"]["first"] = 1


@FORGERIES(LOG, "clearing")
def a_statement_of_a_fen_less(log):
    row = log.find("settlement_window.closed")["body"]["statements"][0]
    row[2] = more(row[2], -1)


@FORGERIES(LOG, "clearing")
def a_statement_that_the_log_does_not_give(log):
    log.find("settlement_window.closed")["body"]["statements"][0][4] = "0" * 64


@FORGERIES(LOG, "statement")
def an_approval_of_another_text(log):
    log.find("settlement_statement.approved")["body"]["hash"] = "0" * 64


@FORGERIES(LOG, "two-persons")
def a_statement_approved_by_one_person_for_both(log):
    second = log.find("settlement_statement.approved", 1)["actor"]
    log.find("settlement_statement.approved")["actor"] = second
    log.find("settlement_statement.approved", 1)


@FORGERIES(LOG, "clearing")
def debts_netted_by_a_fen_too_much(log):
    posting = log.find("entry.provincial_netting")["postings"][0]
    posting[2] = str(int(posting[2]) + 1)


@FORGERIES(LOG, "instruction")
def a_payment_instructed_to_somebody_else(log):
    log.find("payment.instructed")["body"]["payee"] = "000000"


@FORGERIES(LOG, "instruction")
def a_payment_instructed_of_a_fen_more(log):
    body = log.find("payment.instructed")["body"]
    body["amount_cny"] = more(body["amount_cny"])


@FORGERIES(LOG, "bank-file")
def a_payment_by_a_file_of_the_payer(log):
    log.find("payment.confirmed")
    entry = log.find("entry.provincial_payment")
    log.find("bank_file.received")["province"] = entry["province"]
    log.find("bank_entry.unmatched")


@FORGERIES(LOG, "payment-confirmed")
def a_debt_discharged_by_more_than_came(log):
    posting = log.find("entry.provincial_payment")["postings"][0]
    posting[2] = str(int(posting[2]) + 1)


@FORGERIES(LOG, "bank-reference")
def one_reference_counted_twice(log):
    first = log.find("entry.provincial_payment")["facts"]["reference"]
    last = log.find("entry.provincial_payment", -2)
    last["facts"]["reference"] = first


@FORGERIES(LOG, "resolution")
def money_assigned_by_one_person_alone(log):
    log.find("bank_entry.resolved", 1)
    log.drop(("entry.provincial_payment", 2))


@FORGERIES(LOG, "approval")
def a_resolution_approved_by_its_proposer(log):
    proposer = log.find("bank_entry.resolution_proposed")["actor"]
    log.find("bank_entry.resolved")["actor"] = proposer


@FORGERIES(LOG, "form")
def a_bank_account_in_the_log(log):
    log.find("bank_account.proposed")["body"]["account"] = "3301040160000123456"
