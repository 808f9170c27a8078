"""More than one solve, compared."""
