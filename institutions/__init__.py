"""Who reports: regions, institutions, people and their roles."""
