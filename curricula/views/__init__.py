"""The workspace of a university: pages for those who are signed in."""
