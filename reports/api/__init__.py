"""The public API: /api/v1/, for reading what was released."""
