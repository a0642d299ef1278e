"""The exception tree says exit codes and hints."""

import pytest

from taskscope import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.TaskscopeError, 1),
        (errors.UsageError, 2),
        (errors.AmbiguousError, 2),
        (errors.MissingExtraError, 2),
        (errors.NotFoundError, 3),
        (errors.CredentialsError, 4),
        (errors.DeniedError, 4),
        (errors.ThrottledError, 5),
        (errors.UnreachableError, 5),
    ],
)
def test_exit_code_follows_from_the_type(kind: type[errors.TaskscopeError], code: int) -> None:
    """The documented exit codes are those of the types, and every type stands in the drawn tree."""
    assert kind.exit_code == code
    assert kind.__name__ in (errors.__doc__ or "")


def test_text_of_an_error_ends_with_its_hint() -> None:
    """An error reads as one line: what failed, then what to do next."""
    assert str(errors.TaskscopeError("it failed", hint="try again")) == "it failed (try again)"
    assert str(errors.TaskscopeError("it failed")) == "it failed"
