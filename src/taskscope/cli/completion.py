"""``taskscope completion``: the shell's completion script."""

import click

from taskscope.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """
    Print the completion script of SHELL.

    \b
    bash: taskscope completion bash > ~/.local/share/bash-completion/completions/taskscope
    zsh:  taskscope completion zsh > a file "_taskscope" in a folder of $fpath
    fish: taskscope completion fish > ~/.config/fish/completions/taskscope.fish
    """  # noqa: D301 (click's mark is the backspace itself)
    from click.shell_completion import get_completion_class  # noqa: PLC0415 (only needed here)

    root = ctx.find_root()
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"click knows no completion for {shell}")
    click.echo(kind(root.command, {}, "taskscope", "_TASKSCOPE_COMPLETE").source())
