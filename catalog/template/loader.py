"""Load a catalogue template from YAML and refuse it, with file and line, when it makes no sense.

A template is a folder: `_template.yaml` (name, version, categories) and any
number of further files with document types. One file that holds everything
works as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yihu.errors import Usage
from yihu.template import Cardinality, Category, DocumentType, Required, Template

HEAD = "_template.yaml"
_LINE = "__line__"


class TemplateError(Usage):
    """The catalogue template cannot be used."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _CategoryRow(_Row):
    code: str = Field(pattern=r"^[a-z]+$")
    name: str = Field(min_length=1)
    en: str = Field(min_length=1)
    initials: str = Field(default="", pattern=r"^[A-Z]{0,4}$")


class _TypeRow(_Row):
    code: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    name: str = Field(min_length=1)
    en: str = Field(min_length=1)
    titles: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    required: Required = Required.OPTIONAL
    cardinality: Cardinality = Cardinality.MANY
    signer: str = ""
    whose: str = Field(default="", pattern=r"^(person|company)?$")
    ledger: bool = False
    sensitive: bool = False
    customer: bool = False


class _Head(_Row):
    name: str = Field(min_length=1)
    version: int = Field(ge=1)
    categories: tuple[_CategoryRow, ...] = Field(min_length=1)


_R = TypeVar("_R", bound=_Row)


if TYPE_CHECKING:
    _FastLoader = yaml.SafeLoader
else:  # libyaml reads the template in a tenth of the time, and every worker start waits for it
    _FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LinedLoader(_FastLoader):
    """A safe loader that notes the line of every mapping and refuses a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key stands twice: {sorted(twice)}", node.start_mark
            )
        found = super().construct_mapping(node, deep=deep)
        found[_LINE] = node.start_mark.line + 1
        return found


def load_template(path: Path | None = None) -> Template:
    """The template at `path` (a folder or one file), or the shipped default.

    Raises TemplateError naming file and line for unknown keys, unknown
    categories, codes that stand twice, and titles shared by two types that
    nothing else tells apart.
    """
    sources = list(_sources(path))
    where: dict[str, str] = {}
    head: dict[str, Any] = {}
    rows: list[tuple[str, _TypeRow]] = []
    for name, data in sources:
        for key in ("name", "version", "categories"):
            if key in data:
                head[key] = _unlined(data[key])
                where.setdefault("head", f"{name}:1")
        _refuse_unknown_keys(name, data)
        for raw in data.get("types") or ():
            spot = f"{name}:{raw.get(_LINE, '?') if isinstance(raw, dict) else '?'}"
            rows.append((spot, _checked(_TypeRow, raw, spot)))
    top = _checked(_Head, head, where.get("head", f"{path or 'default template'}: no head"))
    _check_codes(top, rows)
    _check_titles(rows)
    return Template(
        name=top.name,
        version=top.version,
        categories=tuple(Category(c.code, c.name, c.en, c.initials) for c in top.categories),
        types=tuple(_as_type(row) for _, row in rows),
    )


def _sources(path: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    root: Traversable = path or resources.files("catalog.template").joinpath("default")
    if root.is_file():
        yield root.name, _parse(root.name, root.read_text("utf-8"))
        return
    if not root.is_dir():
        raise TemplateError(f"{root}: no such template")
    files = {entry.name: entry for entry in root.iterdir() if entry.name.endswith(".yaml")}
    if HEAD not in files:
        raise TemplateError(f"{root}: {HEAD} is missing")
    head = _parse(HEAD, files.pop(HEAD).read_text("utf-8"))
    yield HEAD, head
    order = [c.get("code", "") for c in head.get("categories") or () if isinstance(c, dict)]
    for name in sorted(files, key=lambda n: (_rank(order, n), n)):
        yield name, _parse(name, files[name].read_text("utf-8"))


def _rank(order: Sequence[str], name: str) -> int:
    stem = name.removesuffix(".yaml")
    return order.index(stem) if stem in order else len(order)


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        data = yaml.load(text, Loader=_LinedLoader)  # noqa: S506 - a SafeLoader subclass
    except yaml.YAMLError as error:
        raise TemplateError(f"{name}: {error}") from error
    if not isinstance(data, dict):
        raise TemplateError(f"{name}:1: a mapping is expected")
    return data


def _refuse_unknown_keys(name: str, data: dict[str, Any]) -> None:
    unknown = set(data) - {"name", "version", "categories", "types", _LINE}
    if unknown:
        raise TemplateError(f"{name}:1: unknown keys {sorted(map(str, unknown))}")


def _unlined(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unlined(item) for key, item in value.items() if key != _LINE}
    if isinstance(value, list):
        return [_unlined(item) for item in value]
    return value


def _checked(model: type[_R], raw: Any, spot: str) -> _R:
    try:
        return model.model_validate(_unlined(raw))
    except ValidationError as error:
        code = raw.get("code", "") if isinstance(raw, dict) else ""
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise TemplateError(f"{spot}: {code} {faults}") from error


def _check_codes(head: _Head, rows: Sequence[tuple[str, _TypeRow]]) -> None:
    categories = [row.code for row in head.categories]
    if len(set(categories)) < len(categories):
        raise TemplateError(f"{HEAD}: a category code stands twice")
    seen: dict[str, str] = {}
    for spot, row in rows:
        if row.code in seen:
            raise TemplateError(f"{spot}: {row.code} stands already at {seen[row.code]}")
        seen[row.code] = spot
        if row.code.partition(".")[0] not in categories:
            raise TemplateError(f"{spot}: {row.code} has an unknown category")


def _check_titles(rows: Sequence[tuple[str, _TypeRow]]) -> None:
    """Refuse a title two types share when one of them has no words of its own."""
    holders: dict[str, list[tuple[str, _TypeRow]]] = defaultdict(list)
    for spot, row in rows:
        if len(set(row.titles)) < len(row.titles):
            raise TemplateError(f"{spot}: {row.code} has a title twice")
        for title in row.titles:
            holders[title].append((spot, row))
    for title, sharing in holders.items():
        for spot, row in sharing[1:]:
            first_spot, first = sharing[0]
            if not (_own_words(row, first) and _own_words(first, row)):
                raise TemplateError(
                    f"{spot}: title {title} of {row.code} is also that of {first.code}"
                    f" ({first_spot}) and no phrase tells them apart"
                )


def _own_words(row: _TypeRow, other: _TypeRow) -> bool:
    """Whether `row` has a phrase its neighbour lacks, or depends on whose paper it is."""
    mine = {*row.strong, *row.phrases, *row.fields}
    return bool(row.whose or mine - {*other.strong, *other.phrases, *other.fields})


def _as_type(row: _TypeRow) -> DocumentType:
    values = row.model_dump()
    values["name_en"] = values.pop("en")
    return DocumentType(**values)
