# Backup and restore.

$ coreshed init store > /dev/null && cd store && coreshed create EX $data/ex.csv --by a.meier > /dev/null && coreshed create AE $data/ae.csv --by a.meier > /dev/null
$ cd store && coreshed copy ../backup
Copied 2 of 2 records, 2 files (62 kB); all was read back
$ cd store && coreshed copy ../backup
Nothing to copy: what is there is up to date
$ cd store && coreshed approve EX --by k.brandt > /dev/null && coreshed copy ../backup --json
{
  "ok": true,
  "records": 2,
  "copied": 1,
  "files": 0,
  "bytes": 0,
  "faults": [],
  "again_after": "",
  "left": []
}
$ coreshed --store backup copy restored && coreshed --store restored verify --deep
Copied 2 of 2 records, 2 files (62 kB); all was read back
Checked 2 records, 2 versions, 3 events, 2 files (62 kB read): no faults
$ coreshed --store restored log EX
#  when (UTC)           who       did       version  and said
1  <time>  a.meier   created   v1
2  <time>  k.brandt  approved  v1

# A copy that somebody wrote to is left alone.
$ cd backup && coreshed reject AE --by b.roth -m "wrong file" > /dev/null && cd ../store && coreshed approve AE --by k.brandt > /dev/null && coreshed copy ../backup
Copied 0 of 2 records, 0 files (0 B)
record  fault
AE      'AE' has a history of its own there: somebody wrote to the copy, or it is the newer one.
        Nothing of it was changed.
[1]
$ cd store && coreshed copy ../backup EX
Nothing to copy: what is there is up to date
$ cd store && coreshed copy ../backup EZ
error (NotFound): There is no record 'EZ'. There are, for example: 'EX', 'AE'.
[3]
$ coreshed init other > /dev/null && cd store && coreshed copy ../other
error (InvalidArgument): At ../other lies another store (<hex>), not a copy of this one. Nothing was changed: copy to an empty place.
[11]
$ cd store && coreshed copy gs://bucket/place
error (InvalidArgument): 'gs://bucket/place' is no place for a store: those are folders and s3://bucket/prefix. A folder that is called so is ./gs://bucket/place.
[11]

# What is derived can be made anew.
$ cd store && rm content/*/*.EX.1 && coreshed verify | sed 's/[0-9a-f]\{32\}/<hash>/'
Checked 2 records, 2 versions, 4 events, 2 files (0 B read): 1 fault
record  rule    fault
EX      marker  the content marker is missing
$ cd store && coreshed repair
Looked at 2 records and 2 versions: put 1 missing marker back, and made the index anew
$ cd store && coreshed verify
Checked 2 records, 2 versions, 4 events, 2 files (0 B read): no faults
$ cd store && export XDG_CACHE_HOME=$PWD/../cache && look() { coreshed changes "$@" > said; grep -v next: said; token=$(sed -n 's/next: coreshed changes --since //p' said); }; touch -d "10 seconds ago" records/*; look; look --since $token; coreshed tag EX issue-A --by a.meier > /dev/null; touch -d "9 seconds ago" records/EX; look --since $token; look --since $token; look --since nonsense | tail -n +2 | wc -l
record  active  status    last event (UTC)     by
AE      v1      approved  <time>  k.brandt
EX      v1      approved  <time>  k.brandt
No changes.
record  active  status    last event (UTC)     by
EX      v1      approved  <time>  a.meier
No changes.
2
