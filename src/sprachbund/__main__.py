"""``python -m sprachbund``: the command line, also where scripts are not on the path."""

from sprachbund.cli import main

if __name__ == "__main__":
    main()
