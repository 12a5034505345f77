"""What people ask to see, as frozen dataclasses; ``json`` turns them into what scripts read."""
