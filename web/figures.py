"""How the house stands, in the form Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.standing import Archive, Work
from worker.lookout import House


class HouseFigures(Collector):
    """The figures of one moment; what could not be learnt is left out, never told as nothing."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """One family a figure."""
        house = self._house
        parts = {part.name: int(part.ok) for part in house.parts}
        yield _by("yihu_part_up", "Whether a server answers: 1 or 0.", "part", parts)
        pulses = {pulse.name: self._age(pulse.heard) for pulse in house.pulses}
        yield _by(
            "yihu_process_pulse_age_seconds",
            "Since the last sign of life of a process on this machine.",
            "process",
            pulses,
        )
        if house.messages is not None:
            yield _by("yihu_messages_waiting", "Messages in a queue.", "queue", house.messages)
        yield _one("yihu_disk_free_bytes", "Free space where the home is.", house.disk_free)
        yield _one("yihu_disk_size_bytes", "Size of the disk of the home.", house.disk_size)
        if house.work is not None:
            yield from self._work(house.work)
        if house.work is not None and house.archive is not None:
            yield from _sizes(house.work, house.archive)

    def _age(self, moment: datetime) -> float:
        return max(0.0, (self._house.at - moment).total_seconds())

    def _work(self, work: Work) -> Iterator[Metric]:
        yield _by(
            "yihu_documents_oldest_seconds",
            "How long the longest waiting document has been in this state.",
            "state",
            {state: self._age(since) for state, since in work.oldest.items()},
        )
        yield _by(
            "yihu_queue_oldest_seconds",
            "How long the longest due document or page waits that nobody holds, by urgency.",
            "urgency",
            {urgency.name.lower(): self._age(due) for urgency, due in work.due.items()},
        )
        yield _one("yihu_workers_busy", "Worker processes that hold something.", work.holders)
        yield _one("yihu_chores_waiting", "Background work that waits.", work.chores)
        yield _one("yihu_pages_lately", "Pages read in the last 15 minutes.", work.pages)
        yield _one(
            "yihu_originals_not_ok",
            "Originals that did not agree, or could not be read, when last looked at.",
            work.bad_originals,
        )
        if work.oldest_look is not None:
            yield _one(
                "yihu_originals_oldest_look_seconds",
                "Since the original was read that was not looked at for longest.",
                self._age(work.oldest_look),
            )
        yield from _verification(work)


def _verification(work: Work) -> Iterator[Metric]:
    """The last run of `verify`; a run that never was ended at 0, in 1970."""
    run = work.verified
    ended = run.finished_at.timestamp() if run is not None and run.finished_at else 0.0
    yield _one("yihu_verify_finished_timestamp_seconds", "When verify last ended.", ended)
    if run is not None:
        yield _one("yihu_verify_failed", "What the last verify found wrong.", run.failed)
        yield _one(
            "yihu_verify_could_not_check",
            "What the last verify could not check.",
            run.could_not_check,
        )


def _sizes(work: Work, archive: Archive) -> Iterable[Metric]:
    yield _by(
        "yihu_documents",
        "Documents by state; settled ones counted every five minutes.",
        "state",
        {**work.states, **archive.states},
    )
    yield _one("yihu_originals", "Originals, counted every five minutes.", archive.originals)
    yield _one(
        "yihu_database_bytes", "What the database takes on its disk.", archive.database_bytes
    )


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _by(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
