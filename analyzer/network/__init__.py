"""What is true of the graph before any solve."""
