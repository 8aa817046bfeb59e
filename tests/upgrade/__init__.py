"""Backups of released versions, and whether they come to today."""
