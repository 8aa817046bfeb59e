"""The trail: every change of a row that matters, written by the database, never altered, sealed in a chain of hashes.

History tables (one beside each model that is tracked by `pghistory.track`) are the trail; nothing here names them, so
that a model that is tracked tomorrow is guarded, sealed, searched and verified tomorrow. docs/trail.md says what all
this proves and what it can't.
"""
