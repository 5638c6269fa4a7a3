# SPDX-License-Identifier: Apache-2.0
"""A run on disk, so that its tables can be made again without measuring."""

import json
import re

from .schedule import Record


def file_name(run):
    """date-time-kernel-cpu.json, with nothing in it that a shell would mind."""
    parts = [run["date"], run["machine"]["kernel"], run["machine"]["cpu"]]
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts) + ".json"


def save(folder, run, records):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(run)
    rows = ",\n  ".join(json.dumps(record.as_json(), ensure_ascii=False) for record in records)
    head = json.dumps(run, ensure_ascii=False, indent=1)
    path.write_text(f'{{"run": {head},\n "records": [\n  {rows}\n]}}\n', encoding="utf-8")
    return path


def load(path):
    """(run, records) of a file that save() wrote."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return held["run"], [Record(**row) for row in held["records"]]


def load_all(paths):
    """(runs, records) of several files. What two of them measured is taken from the first: no table, and so no ratio,
    is of two runs."""
    runs, records, known = [], [], set()
    for path in paths:
        run, found = load(path)
        new = [record for record in found if (record.topology, record.case) not in known]
        known.update((record.topology, record.case) for record in new)
        runs.append(run)
        records += new
    return runs, records
