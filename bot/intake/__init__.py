"""What arXiv announced, stored: each paper once, on its day."""
