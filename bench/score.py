"""Comparing what Yihu said with the truth of a generated set.

A printed line belongs to the truth of the same file whose pages overlap most; a
document whose pages were all taken for part of another is "swallowed". A copy of
a batch is one line, for all that is in it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.columns import Verdict
from classifier.reliability import Bin, bins, calibration_error

Row = dict[str, Any]
DRAWS = 400
FILED_BAR, CATEGORY_BAR, TYPE_BAR, FIRST_BAR, SPLIT_BAR = 0.95, 0.998, 0.98, 0.80, 0.98
CALIBRATION_BAR = 0.02
SAME = "same bytes as "


@dataclass
class Score:
    """What the bars of the benchmark are about; every count is of documents."""

    documents: int = 0
    fileable: int = 0
    must_review: int = 0
    filed: int = 0
    filed_fileable: int = 0
    wrong_household: list[str] = field(default_factory=list)
    filed_must_review: list[str] = field(default_factory=list)
    wrong_category: list[str] = field(default_factory=list)
    wrong_type: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    swallowed: list[str] = field(default_factory=list)
    review_known: int = 0
    review_first_right: int = 0
    batches: int = 0
    batches_split_right: int = 0
    review_reasons: Counter[str] = field(default_factory=Counter)
    calibration: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def filing_rate(self) -> float:
        """Share of the fileable documents filed without a person."""
        return self.filed_fileable / self.fileable if self.fileable else 1.0

    @property
    def category_rate(self) -> float:
        """Share of the filed documents with the right category."""
        return 1 - len(self.wrong_category) / self.filed if self.filed else 1.0

    @property
    def type_rate(self) -> float:
        """Share of the filed documents with the right type."""
        return 1 - len(self.wrong_type) / self.filed if self.filed else 1.0

    def calibration_error(self) -> float:
        """Expected calibration error over ten equal bins of the printed probability."""
        return calibration_error(self.reliability())

    @property
    def harmless(self) -> bool:
        """Nothing lies with the wrong household, and nothing was filed that a person must see."""
        return not (self.wrong_household or self.filed_must_review)

    def bars(self) -> list[Verdict]:
        """What is demanded of a set; a share without a case is met."""
        mean, most = self.calibration_by_chance()
        error = self.calibration_error()
        chance = f"{error:.2%} (by chance alone {mean:.2%}, up to {most:.2%})"
        return [
            ("wrong household = 0", str(len(self.wrong_household)), not self.wrong_household),
            ("wrongly filed = 0", str(len(self.filed_must_review)), not self.filed_must_review),
            _least("filed of fileable", self.filed_fileable, self.fileable, FILED_BAR),
            _least("category of filed", *_but(self.wrong_category, self.filed), CATEGORY_BAR),
            _least("type of filed", *_but(self.wrong_type, self.filed), TYPE_BAR),
            _least("first suggestion", self.review_first_right, self.review_known, FIRST_BAR),
            _least("splits", self.batches_split_right, self.batches, SPLIT_BAR),
            (f"calibration error <= {CALIBRATION_BAR:.0%}", chance, error <= CALIBRATION_BAR),
        ]

    def reliability(self) -> tuple[Bin, ...]:
        """The reliability diagram: printed probabilities in bins, with the share that was right."""
        return bins(self.calibration)

    def calibration_by_chance(self) -> tuple[float, float]:
        """What the error would be were every probability true: on average, and in 95 of 100 sets.

        A set of a few hundred documents never shows 0; only what exceeds this speaks
        against the probabilities.
        """
        rng = random.Random(len(self.calibration))
        drawn = sorted(
            calibration_error(bins((p, rng.random() < p) for p, _ in self.calibration))
            for _ in range(DRAWS)
        )
        return sum(drawn) / DRAWS, drawn[int(0.95 * DRAWS)]

    def as_dict(self) -> Row:
        """Everything as one JSON line."""
        return {
            "bars": [
                {"bar": bar, "measured": measured, "met": met} for bar, measured, met in self.bars()
            ],
            "documents": self.documents,
            "fileable": self.fileable,
            "must_review": self.must_review,
            "filed": self.filed,
            "filing_rate": round(self.filing_rate, 4),
            "wrong_household": len(self.wrong_household),
            "filed_must_review": len(self.filed_must_review),
            "category_rate": round(self.category_rate, 4),
            "type_rate": round(self.type_rate, 4),
            "lost": len(self.lost),
            "swallowed": len(self.swallowed),
            "review_first_right": round(self.review_first_right / (self.review_known or 1), 4),
            "splits_right": round(self.batches_split_right / (self.batches or 1), 4),
            "calibration_error": round(self.calibration_error(), 4),
            "calibration_error_by_chance": [round(x, 4) for x in self.calibration_by_chance()],
            "reliability": [asdict(one) for one in self.reliability()],
            "review_reasons": dict(self.review_reasons.most_common()),
        }


def _least(name: str, right: int, of: int, bar: float) -> Verdict:
    share = right / of if of else 1.0
    return f"{name} >= {bar:.1%}", f"{right}/{of} = {share:.2%}", share >= bar


def _but(wrong: Sequence[str], of: int) -> tuple[int, int]:
    return of - len(wrong), of


def score(truth: Iterable[Row], lines: Iterable[Row]) -> Score:
    """Count how the printed document lines compare with the truth lines."""
    result = Score()
    printed: defaultdict[str, list[Row]] = defaultdict(list)
    for line in lines:
        printed[line["file"]].append(line)
    wanted: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _in_order_of_arrival(list(truth), printed):
        wanted[row["file"]].append(row)
    for name, rows in wanted.items():
        if len(rows) > 1 and all(row["expect"] in ("file", "review") for row in rows):
            result.batches += 1
            cuts = sorted(tuple(row["pages"]) for row in rows)
            result.batches_split_right += cuts == sorted(tuple(x["pages"]) for x in printed[name])
        for row in rows:
            said = _overlapping(row["pages"], printed[name])
            copy = said is not None and row["expect"] == said["state"] == "duplicate"
            if said is not None and not copy and _belongs_to(said, rows) is not row:
                where = f"in {said['pages']} {said['state']}"
                result.swallowed.append(f"{name}{row['pages']} {row['type']} {where}")
                result.documents += 1
                continue
            _count(result, row, said)
    return result


def _in_order_of_arrival(truth: list[Row], printed: dict[str, list[Row]]) -> list[Row]:
    """The truth with twins exchanged where a copy came first and the other is its duplicate."""
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for row in truth:
        if row["expect"] == "duplicate":
            copies[row["why"].removeprefix(SAME)].append(row["file"])

    def repeats(name: str) -> bool:
        return any(line["state"] == "duplicate" for line in printed.get(name, ()))

    swapped = {
        old: next((new for new in news if not repeats(new)), old)
        for old, news in copies.items()
        if repeats(old)
    }
    names = swapped | {new: old for old, new in swapped.items()}
    return [_moved(row, str(names.get(row["file"], row["file"]))) for row in truth]


def _moved(row: Row, name: str) -> Row:
    """The truth about a file under its twin's name; without its folder none contradicts it."""
    free = row["why"] == "folder-conflict" and name != row["file"] and "/" not in name
    return row | {"file": name} | ({"expect": "file"} if free else {})


def _overlapping(pages: list[int], lines: list[Row]) -> Row | None:
    def shared(line: Row) -> int:
        first, last = line["pages"]
        return int(min(last, pages[1]) - max(first, pages[0]) + 1)

    best = max(lines, key=shared, default=None)
    return best if best is not None and (shared(best) > 0 or len(lines) == 1) else None


def _belongs_to(line: Row, rows: list[Row]) -> Row:
    """The document a printed line is about: most pages in common, a typed one before a blank."""

    def share(row: Row) -> tuple[int, bool]:
        first, last = line["pages"]
        common = min(last, row["pages"][1]) - max(first, row["pages"][0]) + 1
        return common, row["type"] is not None

    return max(rows, key=share)


def _count(result: Score, row: Row, line: Row | None) -> None:
    name = f"{row['file']}{row['pages']} {row['type']} ({row.get('why') or ''})"
    result.documents += 1
    fileable = row["expect"] == "file"
    result.fileable += fileable
    result.must_review += row["expect"] == "review"
    if line is None:
        result.lost.append(name)
        return
    if row["expect"] in ("duplicate", "rejected") and line["state"] == row["expect"]:
        return
    if line["state"] != "filed":
        _count_review(result, row, line)
        return
    result.filed += 1
    result.filed_fileable += fileable
    where = f"{name} -> {line['type']} {_room(line['household'])}"
    right_household = line["household"] == row["household"]
    if not right_household:
        result.wrong_household.append(f"{where}, truth {_room(row['household'])}")
    if not fileable:
        result.filed_must_review.append(where)
    if line["category"] != row["category"]:
        result.wrong_category.append(where)
    if line["type"] != row["type"]:
        result.wrong_type.append(where)
    right = right_household and line["type"] == row["type"]
    result.calibration.append((line["probability"] or 0.0, right))


def _count_review(result: Score, row: Row, line: Row) -> None:
    if row["expect"] == "file":
        result.review_reasons.update(line["reasons"])
    if line["state"] != "review" or line["probability"] is None:
        return
    if row["type"] and row["household"]:
        right = line["type"] == row["type"] and line["household"] == row["household"]
        result.review_known += 1
        result.review_first_right += right
        result.calibration.append((line["probability"], right))


def _room(household: dict[str, str] | None) -> str:
    return "-".join(v for v in household.values() if v != "-") if household else "none"
