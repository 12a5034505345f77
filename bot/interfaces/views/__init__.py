"""What people ask to see, as plain JSON data."""
