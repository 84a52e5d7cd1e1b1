"""`yihu verify`: does everything promised still agree; `recount`: mend the counts that do not."""

from __future__ import annotations

import getpass
import signal
from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.errors import Exit


@click.command()
@common
@click.option("--sample", type=click.IntRange(1), default=None, help="Only so many originals.")
@click.option("--resume", is_flag=True, help="Go on with the run that was interrupted.")
@click.option(
    "--rate", type=click.FloatRange(0.01), default=None, help="Read at most so many MiB a second."
)
def verify(
    home: Path | None, as_json: bool, sample: int | None, resume: bool, rate: float | None
) -> int:
    """Re-read every original; compare index, store, ledger, ticks, inbox; one line a finding.

    Exit code 1 with findings, 3 when something could not be checked. Ctrl-C
    ends it with what was found so far; --resume goes on from there.
    """
    from worker.verifying import verification

    run = verification(settings_of(home), sample=sample, resume=resume, megabytes_a_second=rate)
    interrupted = False
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(number, signal.default_int_handler)
    try:
        for finding in run.findings():
            entry = finding.as_dict()
            if as_json:
                line(entry)
            else:
                click.echo("{check:8} {result:16} {subject}  {message}".format(**entry))
    except KeyboardInterrupt:
        interrupted = True
        say("中断 interrupted; 继续 go on: yihu verify --resume")
    summary = run.summary.as_dict()
    if as_json:
        line(summary)
    else:
        say(
            "已查 checked {checked}  不符 failed {failed}  无法检查 could not check "
            "{could_not_check}".format(**summary)
        )
    if summary["failed"]:
        return Exit.FINDINGS
    return Exit.COULD_NOT if interrupted or summary["could_not_check"] else Exit.DONE


@click.command()
@common
def recount(home: Path | None, as_json: bool) -> None:
    """Count catalogue lines and totals anew from the ticks, when `verify` found them wrong.

    No tick changes. Others who want to write wait meanwhile: run it in a quiet hour.
    """
    from worker.home import open_home
    from worker.recounting import recount as count_anew

    done = count_anew(open_home(settings_of(home)), f"person:{getpass.getuser()}")
    if as_json:
        line(done.as_dict())
        return
    for subject in done.differed:
        click.echo(f"{subject}  已更正 corrected")
    say(f"业户 households {done.households}  不符 differed {len(done.differed)}")
