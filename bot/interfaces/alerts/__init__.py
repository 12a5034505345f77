"""What whoever operates the program is told when it begins and when it is over."""
