"""How people and the clock reach the program."""
