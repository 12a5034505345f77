"""``picks init``: an empty folder becomes the home of a bot.

``flow`` has the steps, ``questions`` the dialogue, ``accounts`` tries credentials, ``texts`` writes the two files, and
``placing`` puts everything in its place, all of it or nothing.
"""
