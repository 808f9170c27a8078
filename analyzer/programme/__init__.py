"""The linear programme: the only room with variables, duals and solvers."""
