"""What people type about themselves and their colleagues, checked before a step is called."""
