"""The wiring: which classes, which clock, which accounts; ``App`` is one process's view of the whole."""

from bot.app.wiring import App

__all__ = ["App"]
