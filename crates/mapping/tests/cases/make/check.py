"""Checks every case: one truth row per column in order, known fields, readable JSON and size, header where stated."""

import csv
import io
import json
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
APART = [Path(__file__).parents[2] / name for name in ("fresh", "looked", "held", "third", "fourth", "sixth", "seventh", "eighth")]
ENCODINGS = {"utf-8 with BOM": "utf-8-sig", "utf-16le with BOM": "utf-16"}
UNITS = {"h", "min", "s", "ms", "min/unit", "h/unit", "s/unit", "pcs/h", "HH:MM"}
GRAINS = {"header", "operation", "labor", "material", "event"}


def is_moment(cell, form):
    for one in (form, form.split(" ")[0].split("T")[0]):
        try:
            return bool(datetime.strptime(cell, one))
        except ValueError:
            continue
    return False


def unread_dates(case, truth, body, kinds):
    """Date columns whose cells neither follow `date_format` nor are a time of day."""
    if not case["date_format"].startswith("%"):
        return
    for index, row in enumerate(truth):
        if kinds.get(row["canonical_field"].split("|")[0]) != "timestamp":
            continue
        cells = [r[index] for r in body if r[index].strip("0:./?- ") and r[index] not in ("NULL", "1900-01-01")]
        wrong = [cell for cell in cells if not is_moment(cell, case["date_format"])]
        twin = sum(row["canonical_field"] == other["canonical_field"] for other in truth) > 1
        clock = all(len(cell) <= 11 and cell.count("/") + cell.count("-") + cell.count(".") < 2 for cell in wrong)
        if wrong and not (clock and (twin or ":" in wrong[0] or "h" in wrong[0] or "." in wrong[0] or wrong[0].isdigit())):
            yield f"{row['source_column']}: {wrong[0]!r} is not {case['date_format']}"


def fields():
    with (Path(__file__).parents[4] / "ontology/data/fields.csv").open(encoding="utf-8") as file:
        return {row["field"]: row["type"] for row in csv.DictReader(file)}


def problems(folder, known):
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    data = (folder / "data.csv").read_bytes()
    if len(data) >= 20_000:
        yield f"{len(data)} bytes"
    text = data.decode(ENCODINGS.get(case["encoding"], case["encoding"]))
    lines = "".join(text.splitlines(keepends=True)[case["header_row"] - 1:])
    records = list(csv.reader(io.StringIO(lines), delimiter=case["delimiter"]))
    header, body = records[0], records[1: case["rows"] + 1]
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        truth = list(csv.DictReader(file))
    if [row["source_column"] for row in truth] != header:
        yield "truth.csv and the header differ"
    for row in truth:
        for field in filter(None, row["canonical_field"].split("|")):
            if field not in known:
                yield f"{row['source_column']}: no field {field}"
    if case["id"] != folder.name or case["granularity"] not in GRAINS or case["names"] not in ("technical", "ui"):
        yield "case.json: id, granularity or names"
    if any(len(record) != len(header) for record in body) or len(body) != case["rows"]:
        yield "ragged rows or a wrong number of rows"
    for column, unit in case["duration_units"].items():
        if column not in header or unit not in UNITS:
            yield f"duration unit of {column}: {unit}"
    yield from unread_dates(case, truth, body, known)
    blank = sum(not row["canonical_field"] for row in truth)
    if not 0.07 <= blank / len(truth) <= 0.55:
        yield f"{blank} of {len(truth)} columns stay unmapped"


def main():
    known = fields()
    folders = sorted(path.parent for root in (ROOT, *APART) for path in root.glob("*/case.json"))
    found = [(folder.name, problem) for folder in folders for problem in problems(folder, known)]
    for name, problem in found:
        print(f"{name}: {problem}")
    columns = sum(len((folder / "truth.csv").read_text(encoding="utf-8").splitlines()) - 1 for folder in folders)
    print(f"{len(folders)} cases, {columns} columns, {len(found)} problems")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
