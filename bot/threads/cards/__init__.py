"""A picture of a pick: what link previews and Bluesky show of it.

``words`` is what stands on it, ``drawing`` makes it, ``layout`` says where its lines end, ``letters`` what can be
drawn, ``fonts`` with what. Pillow is loaded when a picture is drawn, so nothing is imported here.
"""
