"""Plumbing without business words: database, clock, HTTP problems, idempotency, jobs, settings."""
