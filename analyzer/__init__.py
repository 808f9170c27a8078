"""How much of the capacity to scale survives each cut."""
