"""The command ``aftercut``: parse, call, print, exit code; one module a command.

Convention: a command imports what it needs when it is called, so that ``--help`` stays fast.
"""

from analyzer.cli.entry import app, main
from analyzer.cli.shared import Exit

__all__ = ["Exit", "app", "main"]
