"""`yihu init` and `yihu settings`."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.settings import PREFIX, Settings


@click.command()
@common
def init(home: Path | None, as_json: bool) -> None:
    """Create the home: database, store, inbox. Harmless when it is there.

    Where records are wanted, a store that does not keep them is refused (exit code 3).
    """
    from worker.home import open_home, open_store, prove_store

    settings = settings_of(home)
    database = open_home(settings)
    open_store(settings, database)
    database.dispose()
    if settings.store_records:
        prove_store(settings)
    if as_json:
        line({"home": str(settings.home), "inbox": str(settings.inbox)})
    else:
        say(f"家目录 home: {settings.home}\n收件箱 inbox: {settings.inbox}")


@click.command()
@click.option("--markdown", is_flag=True, help="The table of docs/settings.md.")
def settings(markdown: bool) -> None:
    """Print every setting with its default: the text of .env.example."""
    click.echo(settings_table() if markdown else settings_example(), nl=False)


def settings_example() -> str:
    """The text of `.env.example`."""
    rows = ["# Every setting of Yihu with its default. Made by `yihu settings`.", ""]
    for name, field in Settings.model_fields.items():
        rows += [f"# {field.description}", f"#{PREFIX}{name.upper()}={_default(field.default)}", ""]
    return "\n".join(rows)


def settings_table() -> str:
    """The table of `docs/settings.md`."""
    rows = [
        "# Settings",
        "",
        "Set in the environment. An unknown `YIHU_` key refuses to start.",
        "Made by `yihu settings --markdown`.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = _default(field.default)
        rows.append(f"| `{PREFIX}{name.upper()}` | `{default}` | {field.description} |")
    return "\n".join([*rows, ""])


def _default(value: object) -> str:
    plain = getattr(value, "get_secret_value", None)
    return str(plain() if plain else value)
