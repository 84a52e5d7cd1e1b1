"""`yihu backup`, `restore`, `rebuild`, `export`: copies that leave the home, and back."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.errors import Exit

_SHOWN = 20


@click.command()
@common
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--recheck", is_flag=True, help="Also re-read the originals that DIR has already.")
def backup(home: Path | None, as_json: bool, folder: Path, recheck: bool) -> int:
    """Copy the whole running system into DIR: consistent, only what DIR does not have yet.

    Exit code 1 when something could not be copied because it is damaged or
    gone here; everything else is in the backup.
    """
    from worker.backup import back_up

    report = back_up(settings_of(home), folder.absolute(), recheck=recheck)
    if as_json:
        line(report.as_dict())
    else:
        say(
            "备份完成 generation {generation}: 文件 documents {documents}  原件 originals "
            "{originals}  新拷 copied {copied}  在途 waiting {waiting}".format(**report.as_dict())
        )
    _tell("未能备份 not copied", report.manifest.lacking)
    return Exit.FINDINGS if report.manifest.lacking else Exit.DONE


@click.command()
@common
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--generation", default="", help="An earlier generation (default: the newest).")
@click.option(
    "--without-damaged", is_flag=True, help="Leave damaged originals out instead of refusing."
)
def restore(
    home: Path | None, as_json: bool, folder: Path, generation: str, without_damaged: bool
) -> int:
    """Bring the backup in DIR into an empty home, after comparing every hash.

    Exit code 1 when originals in DIR are damaged (nothing is restored, unless
    --without-damaged) or were lacking already when the backup was made.
    """
    from worker.restoring import restore as bring_back

    restored = bring_back(
        settings_of(home),
        folder.absolute(),
        generation=generation,
        without_damaged=without_damaged,
    )
    if as_json:
        line(restored.as_dict())
    elif restored.done:
        say(
            "恢复完成 restored {generation}: 文件 documents {documents}  原件 originals "
            "{originals}  在途 waiting {waiting}".format(**restored.as_dict())
        )
    _tell("备份中已损坏 damaged in the backup", restored.damaged)
    _tell("备份时即缺 lacking since the backup", restored.lacking)
    if not restored.done:
        say(
            "什么都没有恢复 / nothing was restored; "
            "--generation 可选较早一代 chooses an earlier one, "
            "--without-damaged 略去损坏的原件 leaves the damaged ones out"
        )
    return Exit.FINDINGS if restored.damaged or restored.lacking else Exit.DONE


@click.command()
@common
@click.option("--dry-run", is_flag=True, help="Say what would come back; write nothing.")
def rebuild(home: Path | None, as_json: bool, dry_run: bool) -> int:
    """Make a lost database anew from the originals in the store and their records.

    The database must be empty. What has no record is read again by `yihu up`.
    Exit code 1 when records are damaged or what was made does not verify.
    """
    from worker.rebuild import rebuild as make_anew

    made = make_anew(settings_of(home), f"person:{getpass.getuser()}", dry_run=dry_run)
    if as_json:
        line(made.as_dict())
    else:
        say(
            "重建 rebuilt {rebuilt}: 原件 originals {originals}  文件 documents {documents}  业户 "
            "households {households}  勾 ticks {ticks}  待重读 to read {to_read}".format(
                **made.as_dict()
            )
        )
    _tell("记录已损坏 damaged record", made.damaged)
    _tell("核验不符 does not verify", {f.subject: f.message for f in made.findings})
    return Exit.FINDINGS if made.damaged or made.findings else Exit.DONE


@click.command()
@common
@click.argument("room_text", metavar="ROOM")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def export(home: Path | None, as_json: bool, room_text: str, folder: Path) -> int:
    """Write one household's file as a BagIt bag into DIR, which must not exist or be empty.

    Exit code 1 when ROOM is unknown or ambiguous (candidates on standard
    error), or when a document could not be exported.
    """
    from worker.exporting import export_household

    exported = export_household(settings_of(home), room_text, folder.absolute())
    if as_json:
        line(exported.as_dict())
    else:
        say("已导出 exported {documents} 件 documents: {bag}".format(**exported.as_dict()))
    _tell("未能导出 not exported", exported.lacking)
    return Exit.FINDINGS if exported.lacking else Exit.DONE


def _tell(heading: str, found: dict[str, str]) -> None:
    for subject, why in list(found.items())[:_SHOWN]:
        say(f"{heading}: {subject}  {why}")
    if len(found) > _SHOWN:
        say(f"{heading}: … {len(found)}")
