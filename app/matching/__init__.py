"""Supply and demand: which village's quota could fill which gap. A proposal, never an order.

The books say what villages have left over and what cities lack (R192, `app.reports`). Here both
are laid side by side for one or several provinces: a village first keeps what it needs itself
(R101), and what it can spare is matched with gaps over the four flows of the model (R193 to R196),
converted where it crosses into another province (R183).

What is best is decided in whole units of 0.01 m² by an exact solver, goal after goal, over sums of
provinces (`solver.py`, in a process of its own); the rules then unfold the sums into rows between
villages and places. Whatever stays open says why, and a goal that was not proven best says so.
Nothing is written and nothing is bound: quota moves by transfers and auctions alone.
"""

from app.matching.routes import router

__all__ = ["router"]
