"""The outbox: approved posts out, found, and down again."""
