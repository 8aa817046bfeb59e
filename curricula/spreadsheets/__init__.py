"""Spreadsheets of curriculum lines: read, checked, marked with their faults, and made as templates.

Nothing here knows the database: a file goes in, typed rows or faults come out (`rows.read_file`). What the rows
mean for an institution is decided in `curricula.importing`.
"""
