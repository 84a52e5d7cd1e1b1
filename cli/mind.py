"""`yihu policy` and `yihu model`: what judges, what it costs, what people's decisions taught."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, line, settings_of, show
from yihu.errors import Exit, Usage

if TYPE_CHECKING:
    from worker.discards import Learnt
    from worker.learning import PolicyView, Trained
    from worker.services import Services

POLICY_COLUMNS = (
    Column("阈值 threshold", lambda row: f"{row['threshold']:.4f}{row['mark']}"),
    Column("归档 filed", lambda row: str(row["filed"])),
    Column("复核 review", lambda row: f"{row['review']} ({row['load']:.1%})"),
    Column("预计误归 expected wrong", lambda row: f"{row['expected_wrong']:.3%}"),
    Column("已核 answered", lambda row: str(row["answered"])),
    Column("有误 wrong", lambda row: str(row["wrong"])),
    Column("误归上限 at most", lambda row: f"{row['bound']:.2%}"),
)
RELIABILITY_COLUMNS = (
    Column("概率 probability", lambda row: f"{row['low']:.0%} - {row['high']:.0%}"),
    Column("已核 decided", lambda row: str(row["count"])),
    Column("平均概率 mean", lambda row: f"{row['mean']:.1%}"),
    Column("实际正确 right", lambda row: f"{row['right']:.1%}"),
)
RATE_COLUMNS = (
    Column("版本 version", lambda row: str(row["version"])),
    Column("容许误归率 tolerated", lambda row: f"{row['rate']:.3%}" if row["rate"] else "按设置"),
    Column("阈值 threshold", lambda row: f"{row['threshold']:.4f}"),
    Column("时间 at", lambda row: row["at"][:19].replace("T", " ")),
    Column("谁 who", lambda row: row["by"]),
    Column("原因 why", lambda row: row["why"]),
)
MODEL_COLUMNS = (
    Column("版本 version", lambda row: f"{row['version']}{' *' if row['in_use'] else ''}"),
    Column("时间 made", lambda row: (row["made_at"] or "")[:19].replace("T", " ")),
    Column("标注 labels", lambda row: str(row["labels"])),
    Column("丢弃 discards", lambda row: str(row["figures"].get("discards", ""))),
    Column("不归档的种类 kinds", lambda row: str(row["figures"].get("kinds") or "")),
    Column("保留样本 held back", lambda row: str(row["figures"].get("cases", ""))),
    Column("正确 right before → after", lambda row: _change(row, "right")),
    Column("自信而错 sure and wrong", lambda row: _change(row, "bold")),
    Column("较好 better", lambda row: {True: "是 yes", False: "否 no", None: ""}[row["better"]]),
)


def _change(row: dict[str, Any], name: str) -> str:
    figures = row["figures"]
    return f"{figures[name + '_before']} → {figures[name + '_after']}" if "cases" in figures else ""


@contextmanager
def _services(home: Path | None) -> Iterator[Services]:
    from worker.services import Services

    services = Services.open(settings_of(home))
    try:
        yield services
    finally:
        services.close()


@click.group(invoke_without_command=True)
@common
@click.option(
    "--rate",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=None,
    help="What another tolerated wrong-filing rate would mean.",
)
@click.option("--apply", "apply_", is_flag=True, help="Put what follows from reviews in force now.")
@click.pass_context
def policy(
    context: click.Context, home: Path | None, as_json: bool, rate: float | None, apply_: bool
) -> None:
    """Thresholds, the review load they cost, and what the reviewed documents prove."""
    from worker import learning

    if context.invoked_subcommand is not None:
        if home is not None or as_json or apply_ or rate is not None:
            raise click.UsageError("options go behind the verb: yihu policy set RATE --home DIR")
        return
    if apply_ and rate is not None:
        raise click.UsageError("--apply uses the rate in force; see `yihu policy set`")
    with _services(home) as services:
        if apply_:
            learning.apply_threshold(services, _person())
        view = learning.policy_view(services, rate)
    _print_policy(view, as_json=as_json)


def _print_policy(view: PolicyView, *, as_json: bool) -> None:
    rows = [
        {
            **asdict(one),
            "load": round(one.load, 4),
            "in_force": one.threshold == view.in_force,
            "mark": "".join(
                mark
                for mark, there in ((" *", one.threshold == view.in_force),
                                    (" →", one.threshold == view.derived))
                if there
            ),
        }
        for one in view.table
    ]  # fmt: skip
    one, bins = view.calibrated, [asdict(part) for part in view.reliability]
    if as_json:
        for row in rows:
            row.pop("mark")
            line(row)
        line(
            {
                "by_calibration": asdict(one) | {"load": round(one.load, 4)},
                "rate": view.rate, "in_force": view.in_force, "shipped": view.shipped,
                "derived": view.derived, "why": view.why,
                "reliability": bins, "calibration_error": view.calibration_error,
            }
        )  # fmt: skip
        return
    show(rows, POLICY_COLUMNS, as_json=False)
    click.echo(
        f"容许误归率 tolerated {view.rate:.2%}；执行中 in force {view.in_force:.4f}；"
        f"出厂 shipped {view.shipped:.4f}；由复核得出 derived {view.derived:.4f}（{view.why}）"
    )
    click.echo(
        f"若概率属实 were the probabilities true: {one.threshold:.4f}，复核 review {one.load:.1%}，"
        f"预计误归 expected wrong {one.expected_wrong:.3%}"
    )
    if view.calibration_error is None:
        click.echo(
            "尚无人核对过系统的建议，概率是否属实还不能判断"
            " / nobody has judged a suggestion yet: whether the probabilities are true is not known"
        )
        return
    show(bins, RELIABILITY_COLUMNS, as_json=False)
    click.echo(f"平均偏差 expected calibration error {view.calibration_error:.2%}")


@policy.command("set")
@common
@click.argument("rate", type=click.FloatRange(0, 0.05, min_open=True))
@click.option("--why", required=True, help="Why; it is kept with the version.")
def set_(home: Path | None, as_json: bool, rate: float, why: str) -> None:
    """Put the tolerated wrong-filing RATE (0.001 is 0.1 %) in force for every worker.

    `yihu policy --rate RATE` shows before what it costs. What always goes to a
    person goes there at any rate.
    """
    _put(home, rate, why, as_json=as_json)


@policy.command()
@common
@click.argument("version", type=click.IntRange(0))
@click.option("--why", required=True, help="Why; it is kept with the version.")
def back(home: Path | None, as_json: bool, version: int, why: str) -> None:
    """Put the rate of VERSION in force again; 0 is the one of the settings."""
    from catalog import policies
    from worker.home import open_home

    with open_home(settings_of(home)).read() as session:
        rate = policies.rate_of(session, version)
    _put(home, rate, why, as_json=as_json)


def _put(home: Path | None, rate: float | None, why: str, *, as_json: bool) -> None:
    from worker import learning

    with _services(home) as services:
        learning.set_rate(services, rate, why, _person())
        view = learning.policy_view(services)
    _print_policy(view, as_json=as_json)


@policy.command()
@common
def history(home: Path | None, as_json: bool) -> None:
    """The versions of the tolerated rate, newest first: who, when, why."""
    from catalog import policies
    from worker.home import open_home
    from yihu.clock import iso

    with open_home(settings_of(home)).read() as session:
        rows = [
            {
                "version": row.version, "rate": row.rate, "threshold": row.threshold,
                "at": iso(row.made_at), "by": row.made_by, "why": row.why,
            }
            for row in policies.history(session)
        ]  # fmt: skip
    show(rows, RATE_COLUMNS, as_json=as_json)


@click.group()
def model() -> None:
    """The text model, taught by people's decisions; version 0 is the shipped one."""


@model.command("list")
@common
def list_(home: Path | None, as_json: bool) -> None:
    """The versions, how they did on held-back labels, and which one judges."""
    from catalog import minds
    from worker.home import open_home
    from yihu.clock import iso

    database = open_home(settings_of(home))
    with database.read() as session:
        used = minds.state(session).model
        rows: list[dict[str, Any]] = [
            {"version": 0, "made_at": None, "labels": 0, "better": None, "figures": {}}
        ]
        rows += [
            {
                "version": row.version, "made_at": iso(row.made_at), "labels": row.labels,
                "better": row.better, "figures": row.figures,
            }
            for row in minds.models(session)
        ]  # fmt: skip
    for row in rows:
        row["in_use"] = row["version"] == used
    show(rows, MODEL_COLUMNS, as_json=as_json)


@model.command()
@common
def train(home: Path | None, as_json: bool) -> int:
    """Teach new versions now, from labels and from discards; each judges only if it is better."""
    from worker import discards, learning

    made: list[Trained | Learnt] = []
    with _services(home) as services:
        too_few = []
        for teach in (learning.train, discards.train):
            try:
                made.append(teach(services, _person()))
            except Usage as error:
                too_few.append(error)
    if not made:
        raise too_few[0]
    for done in made:
        _print_made(done, as_json=as_json)
    return Exit.DONE if any(done.used for done in made) else Exit.FINDINGS


def _print_made(done: Trained | Learnt, *, as_json: bool) -> None:
    result, said = done.comparison, asdict(done)
    said.pop("comparison")
    if as_json:
        line(said | asdict(result) | {"chance": round(result.chance, 6)})
        return
    taught = (
        f"判定 labels {said['labels']}" if "labels" in said else f"丢弃 discards {said['discards']}"
    )
    click.echo(
        f"版本 version {done.version}（{taught}）：保留样本 held back {result.cases}，"
        f"正确 right {result.right_before} → {result.right_after}"
        f"（多对 gained {result.gained}，多错 lost {result.lost}，"
        f"偶然的可能 by chance {result.chance:.1%}）；"
        + ("已启用 now judges" if done.used else "不优于现用版本，未启用 not better, not used")
    )


@model.command()
@common
@click.argument("version", type=click.IntRange(0))
def use(home: Path | None, as_json: bool, version: int) -> None:
    """Let VERSION judge from now on; 0 is the way back to the shipped model."""
    from catalog import minds
    from worker.home import open_home

    database = open_home(settings_of(home))
    with database.write() as session:
        minds.use(session, version, _person(), "by hand")
    if as_json:
        line({"version": version, "in_use": True})
    else:
        click.echo(f"版本 version {version} 启用 judges now")


def _person() -> str:
    return f"person:{getpass.getuser()}"
