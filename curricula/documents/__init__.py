"""Curricula as JSON documents: read by the checks of the spreadsheets, shown, and put in the place of a draft."""
