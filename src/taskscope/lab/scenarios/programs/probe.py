"""
A container's health check: one GET to the path given, on this container's PORT (8080).

Exit code 0 for an answer below 400, else 1 with a line that says why.
"""

import os
import sys
import urllib.error
import urllib.request


def main(path: str) -> int:
    """Ask the container and return the exit code."""
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8080')}{path}"
    try:
        with urllib.request.urlopen(url, timeout=1):
            return 0
    except urllib.error.HTTPError as error:
        print(f"{url} answered {error.code}: {error.read().decode(errors='replace').strip()}")
        error.close()
    except OSError as error:
        print(f"{url}: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
