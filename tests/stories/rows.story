# Some rows of a table change; the others, and the other tables, stay.

$ coreshed init store > /dev/null && cd store && printf 'depth,soil\n0.5,clay\n1.5,sand\n2.5,sand\n' > first.csv && coreshed create BH-7 first.csv --by a.meier > /dev/null && printf 'depth,soil\n1.5,gravel\n3.5,peat\n' > mended.csv
$ cd store && coreshed upsert BH-7 mended.csv --key depth --by a.meier -m "lab results"
Changed rows of BH-7 v2 (draft, active)
  by       a.meier, <time> UTC
  comment  lab results
  data     4 rows × 2 columns
  source   mended.csv, 31 B, SHA-256 <hex>…
$ cd store && coreshed read BH-7 -f csv 2> /dev/null
depth,soil
0.5,clay
1.5,gravel
2.5,sand
3.5,peat
$ cd store && coreshed delete-rows BH-7 --where "depth > 3" --by a.meier -m "below the refusal"
Deleted rows of BH-7 v3 (draft, active)
  by       a.meier, <time> UTC
  comment  below the refusal
  data     3 rows × 2 columns
$ cd store && coreshed read BH-7 -f csv 2> /dev/null
depth,soil
0.5,clay
1.5,gravel
2.5,sand
$ cd store && coreshed delete-rows BH-7 --where "depth > 100" --by a.meier
Left as it is: BH-7 v3 (draft, active)
  by       a.meier, <time> UTC
  comment  below the refusal
  data     3 rows × 2 columns
  warning  no row is meant by depth > 100: nothing was changed
$ cd store && coreshed log BH-7
#  when (UTC)           who      did           version  and said
1  <time>  a.meier  created       v1
2  <time>  a.meier  changed rows  v2       lab results; (1 replaced, 1 added)
3  <time>  a.meier  deleted rows  v3       below the refusal; (1 row where depth > 3)
$ cd store && coreshed rollback BH-7 v2 --by a.meier -m "they were right" > /dev/null && coreshed read BH-7 -f csv 2> /dev/null
depth,soil
0.5,clay
1.5,gravel
2.5,sand
3.5,peat
$ cd store && coreshed verify --deep
Checked 1 record, 3 versions, 4 events, 3 files (3.6 kB read): no faults

# What can't be meant is refused, and nothing is changed.
$ cd store && coreshed upsert BH-7 mended.csv --key sool --by a.meier
error (NotFound): There is no column 'sool' to find rows by.
[3]
$ cd store && printf 'depth,soil\n1.5,gravel\n1.5,peat\n' > twice.csv && coreshed upsert BH-7 twice.csv --key depth --by a.meier
error (Validation): Rows 1 and 2 have the same key (depth 1.5). Nothing was changed: hand in one row for each key.
[9]
$ cd store && coreshed upsert BH-7 first.csv --key soil --by a.meier
error (Validation): Rows 2 and 3 have the same key (soil sand). Nothing was changed: hand in one row for each key.
[9]
$ cd store && printf 'depth,colour\n1.5,grey\n' > other.csv && coreshed upsert BH-7 other.csv --key depth --by a.meier
error (SchemaDrift): The rows do not fit table 'data' that they should be appended to: column 'soil' is missing; column 'colour' is not in the record.
[8]
$ cd store && coreshed delete-rows BH-7 --where "depth" --by a.meier
error (InvalidArgument): where: the expression is not true or false: depth
[11]
$ cd store && coreshed delete-rows BH-7 --where "true" --by a.meier
error (Validation): Table 'data' has no rows. If that is meant, allow it for this write (--allow-empty, allow_empty).
[9]
$ cd store && coreshed delete-rows BH-7 --table lab --where "true" --by a.meier
error (NotFound): 'BH-7' has no table 'lab'; there are: data.
[3]
$ cd store && coreshed delete-rows BH-8 --where "true" --by a.meier
error (NotFound): There is no record 'BH-8'. There are, for example: 'BH-7'.
[3]
$ cd store && coreshed upsert BH-7 mended.csv --by a.meier
error: --key is required. See coreshed upsert --help.
[2]
$ cd store && coreshed versions BH-7 --json | grep -c '"version":'
3
