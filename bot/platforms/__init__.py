"""The outside world that posts: one small module a platform, all behind the same protocol."""
