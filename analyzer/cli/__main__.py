"""``python -m analyzer.cli``."""

from analyzer.cli.entry import main

if __name__ == "__main__":
    main()
