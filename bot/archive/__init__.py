"""The public archive: every pick at its own address, in feeds and in other people's tools."""
