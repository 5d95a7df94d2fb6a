# Where rejected rows and kept files are written, and what is refused before it is begun.

$ coreshed init . > /dev/null && printf 'hole,depth\nBH-1,2\nBH-2,-1\n' > new.csv
$ echo '{"tables": [{"columns": [{"name": "hole", "type": "string"}, {"name": "depth", "type": "float64", "min": 0}]}]}' > holes.json
$ coreshed schema holes --file holes.json --by k.brandt
Schema holes is number 1

# A place that can't take the rejected rows is said before the upload.
$ echo kept > there.csv && coreshed upload new.csv --schema holes --split --rejects there.csv --by a.meier
error (AlreadyExists): there.csv exists. Choose another name, or remove it.
[4]
$ coreshed upload new.csv --schema holes --split --rejects nowhere/mend.csv --by a.meier
error (NotFound): There is no folder nowhere for nowhere/mend.csv. Make it first.
[3]
$ coreshed upload new.csv --schema holes --split --rejects . --by a.meier
error (AlreadyExists): . exists. Choose another name, or remove it.
[4]
$ coreshed upload new.csv --schema holes --rejects mend.csv --by a.meier
error: --rejects requires --split. See coreshed upload --help.
[2]
$ cat there.csv && coreshed list
kept
No records.

# Where writing fails all the same, nothing of the answer is lost: here the name is longer than a file's may be.
$ coreshed upload new.csv --schema holes --split --rejects $(printf 'x%.0s' {1..300}).csv --by a.meier 2>&1 | sed 's/x\{300\}/xxx/'
Created new-<hex> v1 (draft, active)
  by      a.meier, <time> UTC
  new     1 row × 2 columns
  source  new.csv, 26 B, SHA-256 <hex>…
  keeps   schema holes, number 1
1 of 2 rows rejected: min 1
table  record  line  column  value  rule  reason
new    2       3     depth   -1     min   '-1' is below 0.0, the least that is possible.
error (Io): xxx.csv can't be written: File name too long. The upload is done; only the rejected rows were not written. coreshed source new-<hex> --rejects gets them again.
$ coreshed source $(basename records/new-*) --rejects && cat new-rejects.csv
Wrote new-rejects.csv: new-rejects.csv, 19 B, SHA-256 <hex>…
hole,depth
BH-2,-1
$ coreshed settings keep_sources=false --by admin > /dev/null && coreshed upload new.csv --name again --schema holes --split --rejects $(printf 'x%.0s' {1..300}).csv --by a.meier 2>&1 | tail -1 | cut -d. -f3-
 The upload is done; only the rejected rows were not written. coreshed schema holes --check new.csv --rejects FILE gets them.
$ coreshed settings keep_sources= --by admin > /dev/null && printf 'hole,depth\nBH-3,2\n' > aaaa.csv && coreshed upload aaaa.csv --name "good ones" --by a.meier | head -1
Created good-ones-<hex> v1 (draft, active)

# A file's name in damaged metadata leads nowhere but here.
$ sed -i 's#"aaaa.csv"#"../a.csv"#' records/good-*/metadata.json && coreshed info $(basename records/good-*) | grep source
  source    ../a.csv, 18 B, SHA-256 <hex>…
$ mkdir -p work/deeper && cd work/deeper && coreshed --store ../.. source $(basename ../../records/good-*) && ls .. .
Wrote a.csv: ../a.csv, 18 B, SHA-256 <hex>…
.:
a.csv
<blank>
..:
deeper
$ sed -i 's#"../a.csv"#"aaaaa/.."#' records/good-*/metadata.json && cd work && coreshed --store .. source $(basename ../records/good-*) && ls
Wrote _: aaaaa/.., 18 B, SHA-256 <hex>…
_
deeper

# Of a name that was redacted the record's id is left.
$ coreshed redact $(basename records/new-*) --event 1 --text file_name --by admin -m "a person's name" > /dev/null; coreshed source $(basename records/new-*) && coreshed source $(basename records/new-*) --rejects
Wrote new-<hex>: (name redacted), 26 B, SHA-256 <hex>…
Wrote new-<hex>-rejects.csv: -rejects.csv, 19 B, SHA-256 <hex>…
