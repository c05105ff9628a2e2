"""Reports: figures over the whole market for provinces, the ministry and the supervisor.

Every figure is added up from the rows of the ledger and of the slices below when it is asked for,
and none is kept:

- **conservation**: what was issued is what is held, in flight, used and converted; money likewise;
- **flows** of quota between regions, and the four flows of the model (R193 to R196);
- **surpluses** of villages and **gaps** of cities (R192, R197): a report, never a condition;
- **times** from the hammer to the accounts, the steps of transfers, objections and holds.

Sums over many households are shown to whoever may ask; no row of one household is. This slice
writes nothing and decides nothing.
"""

from app.reports.routes import router
from app.reports.store import list_books, list_cities, list_landed, list_villages

__all__ = ["list_books", "list_cities", "list_landed", "list_villages", "router"]
