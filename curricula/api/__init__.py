"""The API of an institution's own programs, under /api/v1/own/: what it may read and write with a key."""
