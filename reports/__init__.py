"""What it means: the mandate, coverage, snapshots, releases and the public pages."""
