"""`yihu verify`: does everything that is promised to be there still agree?"""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.errors import Exit


@click.command()
@common
@click.option("--sample", type=click.IntRange(1), default=None, help="Only so many originals.")
def verify(home: Path | None, as_json: bool, sample: int | None) -> int:
    """Re-read every original; compare index, store, ledger, ticks, inbox; one line a finding.

    Exit code 1 with findings, 3 when something could not be checked.
    """
    from worker.verifying import verify_home

    summary = {"checked": 0, "failed": 0, "could_not_check": 0}
    for finding in verify_home(settings_of(home), sample=sample):
        entry = finding.as_dict()
        if entry["check"] == "summary":
            summary = {name: entry[name] for name in summary}
            if as_json:
                line(entry)
            continue
        if as_json:
            line(entry)
        else:
            click.echo(
                f"{entry['check']:8} {entry['result']:16} {entry['subject']}  {entry['message']}"
            )
    if not as_json:
        say(
            "已查 checked {checked}  不符 failed {failed}  无法检查 could not check "
            "{could_not_check}".format(**summary)
        )
    if summary["failed"]:
        return Exit.FINDINGS
    return Exit.COULD_NOT if summary["could_not_check"] else Exit.DONE
