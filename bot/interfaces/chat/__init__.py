"""A mouth for curators: direct messages. It says verbs of the registry, and nothing else.

``grammar`` and ``parsing`` read what was written, ``handling`` does it once, ``rendering`` words the answer,
``reading`` and ``sending`` talk with the service, ``job`` is what the worker runs.
"""
