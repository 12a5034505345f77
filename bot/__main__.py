"""``python -m bot`` is ``picks``."""

from bot.interfaces.cli import main

if __name__ == "__main__":
    main()
