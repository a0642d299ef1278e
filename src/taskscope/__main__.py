"""``python -m taskscope``, and the console script."""

from taskscope.cli.main import main

if __name__ == "__main__":
    main()
