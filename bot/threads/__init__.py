"""A pick becomes posts: counted, split and marked as each platform does."""
