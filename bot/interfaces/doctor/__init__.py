"""What is wrong with this set-up, and what mends it: ``picks doctor``. One module a subject, one function a check."""
