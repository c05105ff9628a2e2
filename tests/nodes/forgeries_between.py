"""What is forged in the records of payments between nodes, and which rule of the audit names it.

Each is the office whose log it is in, the kind of record, what is changed, and the rule.
"""

from app.replay.client import NODE
from tests.nodes.three import HERE

ZERO = "0" * 64
FORGERIES = [
    ("ministry", "obligation.agreed", {"amount_cny": "299.99"}, "obligation"),
    ("ministry", "obligation.agreed", {"debtor": "510000"}, "obligation"),
    ("ministry", "obligation.agreed", {}, "clearing"),
    ("ministry", "settlement_window.closed", {"end": 1}, "clearing"),
    ("ministry", "settlement_statement.heard", {"hash": ZERO}, "statement"),
    ("ministry", "settlement_statement.heard", {"person": "someone"}, "statement"),
    ("ministry", "settlement_statement.heard", {}, "instruction"),
    ("ministry", "payments.due", {"elsewhere": [[HERE]]}, "instruction"),
    ("ministry", "payments.due", {"payments": []}, "instruction"),
    ("ministry", "payment.heard", {"amount_cny": "99999.00"}, "payment-confirmed"),
    ("ministry", "entry.provincial_netting", {}, "balance"),
    ("here", "settlement_statement.received", {"hash": ZERO}, "statement"),
    ("here", "settlement_statement.received", {}, "statement"),
    ("here", "settlement_statement.approved", {}, "instruction"),
    ("here", "settlement_statement.disputed", {}, "incomplete"),
    ("here", "payments.taken", {}, "instruction"),
    ("here", "payments.taken", {"payments": []}, "instruction"),
    ("here", "entry.provincial_netting", {}, "balance"),
    ("here", "bank_account.given", {"commitment": ZERO}, "instruction"),
    ("here", "bank_account.given", {"to": NODE}, "instruction"),
    ("there", "bank_account.received", {"account": "510000-x"}, "instruction"),
    ("there", "payment.instructed", {"payee_account": "500000-other"}, "instruction"),
    ("there", "payment.instructed", {"amount_cny": "0.01"}, "instruction"),
    ("there", "payment.heard", {"remaining_cny": "0.00"}, "payment-confirmed"),
    ("there", "payment.heard", {}, "incomplete"),
    ("there", "entry.provincial_payment", {"part": 9}, "payment-confirmed"),
]

OBLIGATION = "obligation"
FORGERIES_ANEW = [
    ("ministry", "obligation.restated", {}, OBLIGATION),
    ("ministry", "obligation.restated", {"amount_cny": "1.00"}, OBLIGATION),
    ("ministry", "obligation.restated", {"before_cny": "1.00"}, OBLIGATION),
    ("ministry", "obligation.restated", {"number": 3}, OBLIGATION),
    ("ministry", "obligation.restated", {"number": 1}, OBLIGATION),
    ("ministry", "obligation.restated", {"entry": ZERO}, OBLIGATION),
    ("ministry", "obligation.restated", {"side": "debtor"}, OBLIGATION),
    ("ministry", "obligation.differs", {"creditor_cny": "1.00"}, OBLIGATION),
    ("ministry", "obligation.agreed", {"amount_cny": "1.00"}, OBLIGATION),
    ("ministry", "obligation.agreed", {"creditor_corrections": []}, OBLIGATION),
    ("ministry", "obligation.agreed", {"debtor_entry": ZERO}, OBLIGATION),
    ("here", "entry.correction", {"amount_cny": "1.00"}, OBLIGATION),
    ("here", "entry.correction", {"before_cny": "1.00"}, OBLIGATION),
    ("here", "entry.correction", {"number": 3}, OBLIGATION),
    ("here", "entry.correction", {"transfer": f"{HERE}-x9"}, "correction"),
    ("here", "entry.correction", {}, "statement"),
    ("there", "entry.correction", {}, "statement"),
]
"""What is forged of debts that were stated anew: the first of each kind."""
