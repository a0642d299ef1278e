"""What the Lambda runtime for Python brings beside the function: boto3 and the runtime client, nothing else of ours."""

import importlib.util
from pathlib import Path
from typing import Final

from taskscope.errors import MissingExtraError

_PACKAGES: Final = (
    "awslambdaric",
    "runtime_client",  # its compiled half
    "simplejson",
    "snapshot_restore_py",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "six",
    "urllib3",
)


def link_packages(folder: Path) -> None:
    """
    Fill ``folder`` with links to the Lambda runtime's packages and no others, so that a zip that lacks something fails.

    Raises:
        MissingExtraError: One of them is not installed.
    """
    folder.mkdir(parents=True)
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise MissingExtraError(
                f"running Lambda functions needs {name}", hint="on Linux: uv tool install 'taskscope[lab]'"
            )
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (folder / source.name).symlink_to(source)
