"""Pages of people: signing in, joining, what one wants to be told. The workspace has those of an institution."""
