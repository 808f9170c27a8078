"""Hypotheses: which measures might be taken, and what each of them is aimed at."""
