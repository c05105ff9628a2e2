"""Values every slice speaks: money, area, shares, calendar, ids, principals, refusals.

Pure and of the standard library alone: nothing here knows a database, a clock or the network.
"""
