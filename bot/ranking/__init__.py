"""Which papers, and why."""
