"""Papers in type: what they say, in which letters, on how many pages, where the code leads."""

from dataclasses import replace

import pytest

from app.dossiers.rules import year_of
from app.kernel.capitals import capitals
from app.papers import rules_household, rules_lot
from app.papers.figures import Language, grouped
from app.papers.render import code, typeset
from tests.papers.conftest import (
    HOLDING,
    HOUSEHOLD,
    LOT,
    PAID,
    QUOTA,
    SALE,
    movements,
    statement,
)
from tests.papers.reading import Pdf, flat

PAPERS = {
    "confirmation": lambda desk: rules_lot.confirmation(SALE, desk),
    "certificate": lambda desk: rules_lot.certificate(PAID, QUOTA, desk),
    "ticket": lambda desk: rules_household.ticket_paper(HOLDING, desk),
    "statement": lambda desk: rules_household.statement_paper(statement(12), HOUSEHOLD, desk),
}
CODES = {
    "confirmation": "lot/l1",
    "certificate": "lot/l1",
    "ticket": "ticket/t1",
    "statement": "entry/27",
}


def all_of(paper):
    """Every text of a paper that a reader must find on it."""
    yield from (paper.issuer, paper.title, paper.number, paper.lead, *paper.footer)
    yield from (paper.headline.name, paper.headline.figure, paper.headline.words)
    yield from (text for row in paper.facts for fact in row for text in (fact.name, fact.value))
    yield from (*paper.notes, *paper.signs, paper.check.title, paper.check.text)
    if paper.table is not None:
        yield from (column.title for column in paper.table.columns)
        yield from (cell for row in paper.table.rows for cell in row.cells)


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_says_all_of_it_in_embedded_type_and_twice_the_same(kind, desk):
    paper = PAPERS[kind](desk)
    data = typeset(paper)
    pdf = Pdf(data)
    for text in all_of(paper):
        assert flat(text) in pdf.text, text
    assert {name.split("+", 1)[1] for name, _ in pdf.fonts()} == {
        "NotoSansSC-Regular",
        "NotoSerifSC-Regular",
    }
    assert all(len(name.split("+")[0]) == 6 for name, _ in pdf.fonts()), "a part of the type alone"
    assert all(embedded for _, embedded in pdf.fonts())
    assert len(data) < 120_000
    assert pdf.codes() == [f"https://exchange.example/index.html#/check/{CODES[kind]}"]
    assert "D:20261122010203" in pdf.metadata["CreationDate"]
    assert pdf.metadata["Title"] == f"{paper.title} {paper.number}"
    assert typeset(paper) == data
    assert typeset(replace(paper, number="another")) != data


def test_a_confirmation_has_the_figures_of_the_hammer_in_both_scripts(desk):
    text = Pdf(typeset(rules_lot.confirmation(SALE, desk))).text
    figures = {
        Language.ZH: ("62,000.05元", "540.00平方米（0.8100亩）", "76,543.27元", "14.81%", "7次"),
        Language.EN: ("CNY62,000.05", "540.00m²(0.8100mu)", "CNY76,543.27", "14.81%", "417"),
    }
    for figure in (*figures[desk.language], "人民币陆万贰仟元零伍分", LOT.notice_hash):
        assert figure in text
    closes = {Language.ZH: "2026年4月13日10:00:00", Language.EN: "2026-04-1310:00:00"}
    assert closes[desk.language] in text


def test_a_paid_lot_is_confirmed_without_a_warning(desk):
    unpaid, paid = (rules_lot.confirmation(sale, desk) for sale in (SALE, PAID))
    assert len(unpaid.notes) == 1
    assert paid.notes == ()


@pytest.mark.parametrize("count", [0, 1, 300])
def test_a_statement_breaks_its_pages_and_adds_up(count, desk):
    year = statement(count)
    paper = rules_household.statement_paper(year, HOUSEHOLD, desk)
    pdf = Pdf(typeset(paper))
    assert len(pdf.pages) == {0: 1, 1: 1, 300: len(pdf.pages)}[count]
    if count == 300:
        assert len(pdf.pages) > 5
    heads = [flat(column.title) for column in paper.table.columns]
    for number, page in enumerate(pdf.pages, start=1):
        text = flat(page)
        before, between, after = map(flat, paper.pages)
        assert f"{before}{number}{between}{len(pdf.pages)}{after}" in text
        if grouped(year.lines[-1].movement.amount, plus=True) in text if count else True:
            assert all(head in text for head in heads), "the head of the table is repeated"
    assert year.opening + year.paid_in - year.paid_out == year.closing
    for figure in (year.opening, year.paid_in, year.paid_out, year.closing):
        assert grouped(figure) in pdf.text
    assert capitals(year.closing) in pdf.text
    assert [row.cells[3] for row in paper.table.rows[1:-1]] == [
        grouped(line.movement.amount, plus=True) for line in year.lines
    ]


def test_of_a_very_long_year_the_earlier_movements_are_one_sum(desk):
    year = statement(700)
    rows = rules_household.statement_paper(year, HOUSEHOLD, desk).table.rows
    assert len(rows) == rules_household.LINES_MAX + 3
    earlier = year.lines[:200]
    assert rows[1].cells[3:5] == (
        grouped(sum(line.movement.amount for line in earlier), plus=True),
        grouped(earlier[-1].balance),
    )
    assert "200" in rows[1].cells[1]


def test_the_year_of_a_statement_that_is_not_over_says_so(desk):
    of = {year: year_of("h1", year, list(movements(3))) for year in (2025, 2026)}
    notes = {
        year: rules_household.statement_paper(one, HOUSEHOLD, desk).notes
        for year, one in of.items()
    }
    assert notes[2025] == ()
    assert len(notes[2026]) == 1


def test_words_without_a_break_stay_on_the_page(desk):
    long = "Q" * 64
    paper = rules_household.ticket_paper(
        replace(
            HOLDING,
            ticket=replace(HOLDING.ticket, id=f"{long}/{long}"),
            household=replace(HOUSEHOLD, name="阿不都热依木·买买提" * 9, id=long),
            collective=replace(HOLDING.collective, name="W" * 90),
        ),
        desk,
    )
    pdf = Pdf(typeset(paper))
    width, _ = pdf.document[0].get_size()
    for part in pdf.document[0].get_objects():
        left, _, right, _ = part.get_bounds()
        assert left >= 40
        assert right <= width - 40
    assert pdf.codes() == [paper.check.address]


def test_a_letter_that_the_type_lacks_spoils_no_paper(desk):
    winner = replace(SALE.winner, name="𰻞𰻝面馆 🏠")
    pdf = Pdf(typeset(rules_lot.confirmation(replace(SALE, winner=winner), desk)))
    assert "面馆" in pdf.text


def test_what_looks_like_markup_is_text(desk):
    name = '#panic("x") $y$ *z* `read("/etc/passwd")` <l> @m \\ "'
    winner = replace(SALE.winner, name=name)
    assert (
        flat(name) in Pdf(typeset(rules_lot.confirmation(replace(SALE, winner=winner), desk))).text
    )


def test_a_code_is_a_drawing_of_its_own():
    assert code("https://a.example/").startswith("<svg")
