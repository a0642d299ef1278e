"""The Lambda function's archive: the modules that its handler needs and no others, the same bytes each time."""

import ast
import io
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from taskscope.errors import TaskscopeError

HANDLER: Final = "taskscope.handler.task_stopped"
"""What the function's ``Handler`` setting names."""

_PACKAGE: Final = "taskscope"
_ROOT: Final = Path(__file__).parents[3]  # the folder that holds the package
_RUNTIME_BRINGS: Final = frozenset({"boto3", "botocore"})
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell
_UNIX: Final = 3


def build_archive(entry: str = "taskscope.handler") -> bytes:
    """
    Return a zip of the modules that ``entry`` needs.

    Members are sorted, have one time and one mode, and are stored: compressed bytes differ between builds of zlib, and
    then so would the function's CodeSha256, though nothing has changed.

    Raises:
        TaskscopeError: A module needs a package that the Lambda runtime does not bring.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(source_of(module) for module in import_closure(entry)):
            member = zipfile.ZipInfo(path.relative_to(_ROOT).as_posix(), _EPOCH)
            member.create_system = _UNIX
            member.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(member, path.read_bytes())
    return buffer.getvalue()


def import_closure(entry: str) -> set[str]:
    """
    Return ``entry`` and every module of ours that it imports, at once or inside functions, with their packages.

    Raises:
        TaskscopeError: One of them needs a package that the Lambda runtime does not bring.
    """
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        waiting += _packages(module)
        for name in _imports(module):
            top = name.partition(".")[0]
            if top == _PACKAGE:
                waiting.append(_module_of(name))
            elif top not in _RUNTIME_BRINGS and top not in sys.stdlib_module_names:
                raise TaskscopeError(f"{module} needs {top}, which the Lambda runtime does not bring")
    return found


def source_of(module: str) -> Path:
    """Return the file of a module of ours, whether it is a package or not."""
    path = _ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _packages(module: str) -> Iterator[str]:
    """Yield the packages that a module lies in, which Python imports before it."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _module_of(name: str) -> str:
    """Return the module that an imported name is, or is defined in."""
    while not source_of(name).is_file():
        name = name.rpartition(".")[0]
    return name


def _imports(module: str) -> Iterator[str]:
    """Yield every name that a module imports, in full; what only a type checker imports is left out."""
    path = source_of(module)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    waiting: list[ast.AST] = [ast.parse(path.read_bytes(), str(path))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
