"""Unpacks a function's zip as Lambda does."""

import io
import zipfile
from pathlib import Path

from taskscope.lab.gateway.service import ApiError


def unpack(archive: bytes, folder: Path) -> None:
    """
    Extract a zip with its files' permissions; names that point out of ``folder`` are bent back into it.

    Raises:
        ApiError: ``InvalidZipFileException``, it is no zip, or broken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as unpacked:
            for member in unpacked.infolist():
                path = unpacked.extract(member, folder)
                mode = member.external_attr >> 16 & 0o777
                if mode and not member.is_dir():
                    Path(path).chmod(mode | 0o600)  # ours to remove again
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise ApiError("InvalidZipFileException", f"Lambda was unable to unzip the uploaded file: {error}") from None
