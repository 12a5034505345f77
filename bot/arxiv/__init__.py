"""Papers in: fetch politely, parse a feed, make TeX plain."""
