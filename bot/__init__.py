"""Daily Picks: new interpretability papers, chosen by a curator, posted as threads."""

__version__ = "0.1.0"
