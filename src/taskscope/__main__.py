"""``python -m taskscope``, and the console script."""

import os
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C while it still loads ends it as quietly as later."""
    try:
        from taskscope.cli.main import main as command_line  # noqa: PLC0415 (the loading is what may be interrupted)
    except KeyboardInterrupt:
        os._exit(130)
    command_line()


if __name__ == "__main__":
    main()
