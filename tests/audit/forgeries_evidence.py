"""Forgeries of the file of an application."""

from tests.audit.forgery import Table

FORGERIES = Table()
LOG, FILED = "evidence", "evidence.filed"


@FORGERIES(LOG, "evidence")
def a_piece_taken_out_of_the_file(log):
    log.find(FILED, 0)
    log.drop((FILED, 0, "e2"))


@FORGERIES(LOG, "unique-id")
def a_piece_filed_twice(log):
    log.find(FILED, 2)
    log.repeat()


@FORGERIES(LOG, "evidence")
def a_photo_of_before_taken_afterwards(log):
    log.find(FILED, 2)["body"]["kind"] = "photo_before"


@FORGERIES(LOG, "evidence")
def a_photo_that_is_no_picture(log):
    log.find(FILED, 2)["body"]["media_type"] = "application/pdf"


@FORGERIES(LOG, "evidence")
def a_piece_in_the_place_of_one_of_another_kind(log):
    log.find(FILED, 1)["body"]["kind"] = "consent"


@FORGERIES(LOG, "evidence")
def a_piece_in_the_place_of_none(log):
    log.find(FILED, 1)["body"]["replaces"] = "e3"


@FORGERIES(LOG, "evidence")
def a_piece_replaced_twice(log):
    record = log.find(FILED, 2)
    record["body"] |= {"kind": "acceptance_report", "replaces": "e1"}


@FORGERIES(LOG, "application")
def evidence_for_an_application_of_nobody(log):
    log.find(FILED, 1)["body"]["application"] = "a9"


@FORGERIES(LOG, "form")
def a_name_beside_the_piece(log):
    log.find(FILED, 1)["body"]["file"] = "陈淑芬.pdf"


@FORGERIES(LOG, "evidence")
def evidence_in_the_books_of_another_province(log):
    log.find(FILED, 1)["province"] = "330000"


@FORGERIES(LOG, "evidence")
def a_piece_without_a_byte(log):
    log.find(FILED, 1)["body"]["size"] = 0
