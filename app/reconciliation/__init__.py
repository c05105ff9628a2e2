"""Every night the books of all provinces are held against their logs, and against each other.

The story of one round
----------------------
1. The ministry's node opens a **round**: it names the size of its own log, then reads each node's
   log up to its published size (`mirror`), verifies it, and adds up every account by itself.
2. Each node answers with **totals** from its own tables at that very position, resting on a record
   of its log; for what differs from its log it is asked account by account.
3. With all answers in, provinces are compared two by two: what was converted out against what came
   in, what one owes against what the other claims. What is under way is named, and is no fault.
4. What differs becomes a **case**. Its accounts, and no others, are **frozen** at the nodes that
   keep them; the entries since the last agreed position that touched them are named.
5. Two people of a province book a **correction**, a new entry. A later round that finds the case
   cured closes it, and frees the accounts. A debt between nodes that the correction names is stated
   anew by it (`clearing`).

`rules` compares, `rules_mirror` reads logs, `rules_report` adds up the **national report**; all are
pure. Positions in logs say what is compared; no clock does.
"""

from collections.abc import Mapping

from app.nodes import Handler
from app.reconciliation import answer_round, take_answers
from app.reconciliation.mirror import Followers, running
from app.reconciliation.open_round import JOB
from app.reconciliation.redo import REDO
from app.reconciliation.routes import router
from app.reconciliation.verify import verify_frozen

HANDLERS: Mapping[str, Handler] = {
    answer_round.ASKED: answer_round.take_asked,
    answer_round.TOTALS: take_answers.take_totals,
    answer_round.DETAIL: answer_round.take_detail,
    answer_round.ACCOUNTS: take_answers.take_accounts,
    answer_round.FREEZE: answer_round.take_freeze,
    answer_round.LIFT: answer_round.take_lift,
}

__all__ = ["HANDLERS", "JOB", "REDO", "Followers", "router", "running", "verify_frozen"]
