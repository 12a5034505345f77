"""The queue, and what curators decide."""
