"""`yihu`: finds the command, turns errors into exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import IO

import click

from yihu.errors import Exit, YihuError

COMMANDS = {
    "init": "cli.home:init",
    "up": "cli.up:up",
    "register": "cli.register:register",
    "ingest": "cli.ingest:ingest",
    "documents": "cli.documents:documents",
    "household": "cli.catalogue:household",
    "facts": "cli.facts:facts",
    "completeness": "cli.catalogue:completeness",
    "gaps": "cli.catalogue:gaps",
    "search": "cli.documents:search",
    "verify": "cli.verify:verify",
    "recount": "cli.verify:recount",
    "review": "cli.review:review",
    "policy": "cli.mind:policy",
    "sample": "cli.sample:sample",
    "model": "cli.mind:model",
    "fields": "cli.evidence:fields",
    "sheets": "cli.sheets:sheets",
    "paper": "cli.paper:paper",
    "retry": "cli.review:retry",
    "reread": "cli.reread:reread",
    "searchable": "cli.reread:searchable",
    "hold": "cli.hold:hold",
    "user": "cli.user:user",
    "approval": "cli.approval:approval",
    "backup": "cli.backup:backup",
    "restore": "cli.backup:restore",
    "rebuild": "cli.backup:rebuild",
    "export": "cli.backup:export",
    "status": "cli.status:status",
    "doctor": "cli.doctor:doctor",
    "bench": "cli.bench:bench",
    "samples": "cli.bench:samples",
    "settings": "cli.home:settings",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yihu")
def yihu() -> None:
    """一户一档 Yihu: one household, one file.

    Watches an inbox of scans, reads and classifies them, matches each to its
    household and ticks the household's catalogue. Unsure means ask.
    """


def main() -> None:
    """Run the command line and leave with the exit code of the contract."""
    for stream in (sys.stdout, sys.stderr):
        _utf8(stream)
    try:
        code = yihu.main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        code = Exit.USAGE
    except click.Abort:
        click.echo("interrupted", err=True)
        code = Exit.COULD_NOT
    except YihuError as error:
        click.echo(f"yihu: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = Exit.COULD_NOT
    sys.exit(int(code) if isinstance(code, int) else 0)


def _utf8(stream: IO[str]) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    main()
