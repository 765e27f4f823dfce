"""`python -m wifiguard`."""

from wifiguard.cli import main

if __name__ == "__main__":
    main()
