"""The readings of a cone penetration test, out of an AGS 4 file, as CSV.

    python3 scpt_readings.py HKZ1-CPT01.ags > cpt01.csv

An AGS file is made of groups. Each begins with a line "GROUP","SCPT", then come HEADING (the names of
the columns), UNIT, TYPE, and a line DATA for each reading. Columns without any value are left out.
"""

import csv
import sys


def read_group(path, name):
    """The headings and the rows of one group."""
    headings, rows, inside = [], [], False
    with open(path, newline="", encoding="utf-8-sig") as file:
        for fields in csv.reader(file):
            if not fields:
                continue
            kind, values = fields[0], fields[1:]
            if kind == "GROUP":
                inside = values == [name]
            elif inside and kind == "HEADING":
                headings = values
            elif inside and kind == "DATA":
                rows.append(values)
    return headings, rows


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: scpt_readings.py FILE.ags > FILE.csv")
    headings, rows = read_group(sys.argv[1], "SCPT")
    if not rows:
        sys.exit(f"{sys.argv[1]}: no readings (group SCPT)")
    used = [i for i in range(len(headings)) if any(row[i] for row in rows)]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(headings[i] for i in used)
    out.writerows([row[i] for i in used] for row in rows)


if __name__ == "__main__":
    main()
