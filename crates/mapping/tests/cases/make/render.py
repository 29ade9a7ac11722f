"""Turns simulated rows into the file a system writes, from the lines of a definition.

A definition is a head of `key value` lines, then `---`, then one line per column:

    heading :: canonical field :: value | option | option=...

`value` is a key of the simulated row or one of the words below; left out, it is the first field.
"""

import csv
import io
import json
import random
import re
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import simulator
import words

HOURS = re.compile(r"_hours$")
TEMPLATES = {
    "work_order_id": ("work_order_number", "wo", "WO-{:05d}"), "parent_work_order_id": ("parent_number", "wo", "WO-{:05d}"),
    "product_id": ("part_number", "part", "P-{}"), "produced_lot_id": ("lot_number", "lot", "L{}"),
    "customer_id": ("customer_number", "customer", "C{}"), "sales_order_id": ("sales_order_number", "sales", "SO{}"),
    "project_id": ("project_number", "project", "PRJ-{}"), "operation_code": ("step_code", "step", "OP{:02d}"),
    "work_center_id": ("center_number", "center", "WC{:02d}"), "machine_id": ("center_number", "machine", "M-{:03d}"),
    "tool_id": ("tool", "tool", "T{:03d}"), "employee_id": ("person", "employee", "{}"), "booking_id": ("booking_number", "booking", "{}"),
    "material_id": ("material_index", "material", "RM-{:04d}"), "supplier_id": ("supplier", "supplier", "V{:04d}"),
    "purchase_order_id": ("purchase_order_number", "purchase", "PO{}"), "material_lot_id": ("material_lot_number", "material_lot", "H{}"),
    "defect_code": ("defect", "defect", "D{:02d}"), "facility_id": ("facility", "facility", "{:02d}"), "warehouse_id": ("warehouse", "warehouse", "W{}"),
    "product_family_code": ("family_number", "family_code", "F{:02d}"), "reason_code": ("reason", "reason", "S{:02d}"),
    "record_id": ("record_number", "record", "{}"), "department_code": ("center_number", "department", "D{}0"),
}
OFFSET = {"person": 1021, "material_index": 211, "supplier": 301, "defect": 1, "reason": 1}
USERS = ["jsmith", "ADMIN", "batch01", "KBAUER", "mlopez", "erpsvc"]


class Writer:
    def __init__(self, case, columns):
        self.case, self.columns = case, columns
        self.lang = case["language"]
        self.rng = random.Random(zlib.crc32(case["id"].encode()))
        self.units = {}
        self.stamped = False

    def number(self, value, digits, grouped=True):
        thousands = self.case.get("thousands", "") if grouped else ""
        text = f"{value:,.{digits}f}" if thousands else f"{value:.{digits}f}"
        marks = {",": thousands, ".": self.case.get("decimal", ".")}
        text = "".join(marks.get(c, c) for c in text)
        if self.case.get("trailing_minus") and text.startswith("-"):
            text = text[1:] + "-"
        return text

    def moment(self, value, options):
        if value is None:
            return options.get("null", self.case.get("null_date", self.case.get("null", "")))
        if "f" in options:
            form = options["f"]
        elif "stamp" in options or ("date" not in options and self.case.get("moments") == "stamp"):
            form = self.case.get("stamp", self.case["date"])
            self.stamped = True
        else:
            form = self.case.get("written", self.case["date"])
        if form == "CYYDDD":
            return f"{value.year - 1900}{value:%j}"
        if form == "HHMMSS":
            return str(int(f"{value:%H%M%S}"))
        if form == "seconds":
            return str(value.hour * 3600 + value.minute * 60 + value.second)
        if form == "decimal_hours":
            return self.number(value.hour + value.minute / 60, 2)
        text = value.strftime(form)
        return text.upper() if self.case.get("upper_dates") else text

    def extra(self, key, options, row, index):
        r = self.rng
        if key == "user":
            return r.choice(USERS)
        if key == "rowid":
            return str(int(options.get("from", 10500)) + index)
        if key == "guid":
            return f"{r.getrandbits(32):08x}-{r.getrandbits(16):04x}-{r.getrandbits(16):04x}-{r.getrandbits(16):04x}-{r.getrandbits(48):012x}"
        if key == "note":
            return r.choice(words.NOTES[self.lang]) if r.random() < 0.2 else ""
        if key == "changed":
            base = row.get("actual_end") or row["order_date"]
            return self.moment(base + timedelta(hours=r.uniform(20, 900)), options)
        if key == "bom":
            return options.get("t", "BOM{}").format(row["part_number"])
        if key == "routing":
            return options.get("t", "R{}").format(row["part_number"])
        if key == "gl":
            return options.get("t", "{}").format(r.choice([13100, 54100, 54200, 79000]))
        if key == "const":
            return options.get("t", "")
        if key == "pick":
            return r.choice(options["t"].split(","))
        if key == "int":
            low, high = options["t"].split("-")
            return str(r.randint(int(low), int(high)))
        if key == "flag":
            yes, no = (options["t"] if "t" in options else ",".join(words.YES_NO[self.lang])).split(",")
            return yes if r.random() < float(options.get("rate", 0.3)) else no
        if key == "empty":
            return ""
        return None

    def cell(self, column, row, index):
        key, options = column["key"], column["options"]
        made = self.extra(key, options, row, index)
        if made is not None:
            return made
        if key in TEMPLATES:
            source, name, default = TEMPLATES[key]
            value = row.get(source)
            if value is None:
                return options.get("null", self.case.get("null", ""))
            template = options.get("t", self.case.get(f"t_{name}", default))
            return template.format(value + OFFSET.get(source, 0))
        if key in ("work_order_status", "operation_status"):
            return self.status(key, row, options)
        if key == "planner_id":
            names = options["t"].split(",") if "t" in options else [str(n) for n in ("101", "102", "103")]
            if "names" in options:
                names = words.PEOPLE[self.lang][4:7]
            return names[row["planner"] % len(names)]
        if key == "work_order_type":
            return options["t"].split(",")[row["kind"]]
        if key == "booking_type":
            return options["t"].split(",")[0 if row["booking_type"] == "setup" else 1]
        if key in ("downtime_type", "maintenance_type"):
            chosen = options["t"].split(",")
            return chosen[0] if row["maintenance_kind"] == 0 else chosen[1]
        if key == "inspection_result":
            good, bad = options["t"].split(",") if "t" in options else words.PASS_FAIL[self.lang]
            return good if row["passed"] else bad
        if key in ("standard_basis", "setup_time_unit", "run_time_unit", "company_id", "currency", "operation_type"):
            return self.rng.choice(options["t"].split(","))
        if key not in row:
            raise KeyError(f"{self.case['id']}: {column['name']}: no value {key}")
        value = row[key]
        if isinstance(value, bool):
            yes, no = options["t"].split(",") if "t" in options else words.YES_NO[self.lang]
            return yes if value else no
        if isinstance(value, datetime) or (value is None and key.endswith(("_date", "_start", "_end", "moment"))):
            return self.moment(value, options)
        if value is None:
            return options.get("null", self.case.get("null", ""))
        if isinstance(value, str) or "t" in options:
            return options["t"].format(value) if "t" in options else value
        return self.quantity(column, key, value, options)

    def quantity(self, column, key, value, options):
        unit = options.get("u")
        digits = int(options["d"]) if "d" in options else None
        name = column["name"]
        if HOURS.search(key):
            unit = unit or "h"
            self.units[name] = unit
            if unit == "HH:MM":
                minutes = round(value * 60)
                return f"{minutes // 60}:{minutes % 60:02d}"
            value = {"h": value, "min": value * 60, "s": value * 3600, "ms": value * 3_600_000}[unit]
            digits = {"h": 2, "min": 1, "s": 0, "ms": 0}[unit] if digits is None else digits
        elif key in ("standard_cycle_time", "actual_cycle_time"):
            unit = unit or "min/unit"
            self.units[name] = unit
            value = {"min/unit": value / 60, "h/unit": value / 3600, "s": value, "s/unit": value}[unit]
            digits = {"min/unit": 3, "h/unit": 5, "s": 0, "s/unit": 0}[unit] if digits is None else digits
        elif key == "standard_rate":
            self.units[name] = "pcs/h"
            digits = 2 if digits is None else digits
        elif key.startswith(("quantity_", "operation_quantity", "planned_scrap_quantity", "defect_count")):
            digits = int(self.case.get("quantity_digits", 0)) if digits is None else digits
        elif key.endswith("material_quantity"):
            digits = int(self.case.get("quantity_digits", 2)) or 2 if digits is None else digits
        if digits is None:
            digits = int(self.case.get("money_digits", 2)) if isinstance(value, float) else 0
        if options.get("blank_zero") and value == 0:
            return self.case.get("null", "")
        return self.number(value, digits)

    def status(self, key, row, options):
        if "t" in options:
            codes = options["t"].split(",")
        elif key in self.case:
            codes = self.case[key].split(",")
        else:
            codes = words.STATUS[self.lang]
        if key == "work_order_status":
            return codes[min(row["state"], len(codes) - 1)].strip()
        if len(codes) > 3:
            codes = [codes[1], codes[2], codes[3]]
        return codes[row["op_state"]].strip()

    def table(self, rows):
        return [[self.cell(c, row, i) if self.filled(c) else "" for c in self.columns] for i, row in enumerate(rows)]

    def filled(self, column):
        return "p" not in column["options"] or self.rng.random() < float(column["options"]["p"])


def read_definitions(path):
    for block in re.split(r"(?m)^=====+\s*$", path.read_text(encoding="utf-8")):
        if not block.strip():
            continue
        head, body = block.split("\n---\n")
        case = {"banner": []}
        for line in head.strip().splitlines():
            if line.startswith("#"):
                continue
            key, _, value = line.partition(" ")
            if key == "banner":
                case["banner"].append(value)
            else:
                case[key] = value.strip() if key != "thousands" else {"space": " ", "nbsp": "\u00a0"}.get(value.strip(), value.strip())
        columns = []
        for line in body.strip().splitlines():
            parts = [part.strip() for part in line.split("::")]
            parts += [""] * (3 - len(parts))
            key, *options = [part.strip() for part in parts[2].split(" | ")] if parts[2] else [""]
            columns.append({"name": parts[0], "truth": parts[1].replace(" ", ""), "key": key or parts[1].split("|")[0].strip(),
                            "options": {o.partition("=")[0]: o.partition("=")[2] or "1" for o in options}})
        yield case, columns


def write(case, columns, folder):
    seed = zlib.crc32(case["id"].encode())
    limit = int(case.get("rows", 50))
    start = datetime.strptime(case.get("from", "2025-01-07"), "%Y-%m-%d") + timedelta(days=seed % 20)
    writer = Writer(case, columns)
    rows = simulator.rows(seed, case["language"], case["granularity"], limit, start, case.get("shape"))
    table = writer.table(rows)
    delimiter = {"tab": "\t"}.get(case.get("delimiter", ","), case.get("delimiter", ","))
    out = io.StringIO()
    line = csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if case.get("line_end") == "crlf" else "\n",
                      quoting=csv.QUOTE_ALL if case.get("quote") == "all" else csv.QUOTE_MINIMAL)
    end = "\r\n" if case.get("line_end") == "crlf" else "\n"
    for text in case["banner"]:
        out.write(text + end)
    line.writerow([c["name"] for c in columns])
    for record in table:
        line.writerow(record)
    if "total" in case:
        line.writerow([case["total"]] + [writer.number(sum(r[c["key"]] for r in rows), 2 if HOURS.search(c["key"]) or "cost" in c["key"] else 0)
                       if c["options"].get("sum") else "" for c in columns[1:]])
    encoding = case.get("encoding", "utf-8")
    codec = {"utf-8": "utf-8", "utf-8 with BOM": "utf-8-sig", "utf-16le with BOM": "utf-16-le"}.get(encoding, encoding)
    text = ("\ufeff" if encoding.startswith("utf-16") else "") + out.getvalue()
    data = text.encode(codec)
    target = folder / case["id"]
    target.mkdir(exist_ok=True)
    (target / "data.csv").write_bytes(data)
    with (target / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        truth = csv.writer(file, lineterminator="\n")
        truth.writerow(["source_column", "canonical_field"])
        truth.writerows([[c["name"], c["truth"]] for c in columns])
    names = [c["name"] for c in columns]
    described = {
        "id": case["id"], "system": case["system"], "family": case.get("family", case["system"]), "table": case["table"],
        "language": case["language"], "granularity": case["granularity"], "names": case["names"], "delimiter": delimiter,
        "encoding": encoding, "date_format": case.get("stamp", case["date"]) if writer.stamped else case["date"],
        "decimal": case.get("decimal", "."), "thousands": case.get("thousands", ""), "header_row": len(case["banner"]) + 1,
        "rows": len(table), "duration_units": writer.units}
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        described["duplicate_headers"] = twice
    empty = [c["name"] for i, c in enumerate(columns) if c["truth"] and all(not r[i] for r in table)]
    if empty:
        described["empty_columns"] = empty
    described["source"] = case.get("source", "")
    described["note"] = case.get("note", "")
    (target / "case.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(data), len(table)


def main():
    here = Path(__file__).parent
    tests = here.parents[1]
    # Cases that were measured once before anything was mended for them lie apart; the README says what is learned from which.
    homes = {"systems": here.parent} | {name: tests / name for name in ("fresh", "looked", "held", "third", "fourth", "sixth", "seventh", "eighth")}
    for name, home in homes.items():
        home.mkdir(exist_ok=True)
        for path in sorted((here / name).glob("*.txt")):
            for case, columns in read_definitions(path):
                size, count = write(case, columns, home)
                print(f"{case['id']:45} {len(columns):3} columns {count:3} rows {size:6} bytes")


if __name__ == "__main__":
    main()
