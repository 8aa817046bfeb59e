"""Formats of dates and numbers: Kazakh, which Django lacks, and English as this country's officials write it."""
