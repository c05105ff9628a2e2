"""The Homestead Reclamation Ticket exchange: one service, one database, one ledger."""
