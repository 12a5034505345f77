"""Mastodon: how a thread looks there and how it is sent."""
