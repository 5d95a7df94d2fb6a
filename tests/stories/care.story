# What a store's keeper does.

# Only the one that made the store says so; for all others it is there.
$ for i in 1 2 3 4 5 6 7 8; do coreshed init store & done | sed 's/ at .*//' | sort | uniq -c
      1 Made a store
      7 There is a store already
$ cd store && coreshed init
There is a store already at <here>/store (<hex>)
$ coreshed init --json store | grep created
  "created": false
$ coreshed init --json another | grep created
  "created": true

# The metadata, byte for byte, also where they are damaged.
$ cd store && coreshed create EX $data/ex.csv --by a > /dev/null && coreshed info EX --raw | cmp - records/EX/metadata.json
$ cd store && echo >> records/EX/metadata.json && coreshed info EX@v1 --raw | cmp - records/EX/metadata.json
$ cd store && cp -r records/EX kept && printf 'no metadata' > records/EX/metadata.json
$ cd store && coreshed info EX --raw; echo
no metadata
$ cd store && coreshed info EX
error (Corruption): metadata.json of 'EX' is not readable JSON
[10]
$ cd store && coreshed info EY --raw
error (NotFound): There is no record 'EY'. There are, for example: 'EX'.
[3]
$ cd store && cp kept/metadata.json records/EX/ && rm -r kept

# A policy of the record's own is in its history.
$ cd store && coreshed create AE $data/ae.csv --policy warn --by a > /dev/null && coreshed policy AE
AE: warn, its own (the store's is reject)
$ cd store && coreshed policy AE allow --by owner -m "columns differ between sites"
AE: allow, its own (the store's is reject)
$ cd store && coreshed policy AE store --by owner && coreshed policy AE --json
AE: reject, the store's
{
  "record_id": "AE",
  "drift_policy": null,
  "in_force": "reject"
}
$ cd store && coreshed log AE
#  when (UTC)           who    did                   version  and said
1  <time>  a      created               v1       drift policy: warn
2  <time>  owner  set the drift policy           columns differ between sites; allow
3  <time>  owner  set the drift policy           the store's
$ cd store && coreshed policy AE never
error: POLICY: never not in {reject,warn,allow,store}. See coreshed policy --help.
[2]

# What became of a call without an answer; of the settings, too.
$ cd store && coreshed settings drift_policy=warn --by owner --event-id 0123456789abcdef0123456789abcdef > /dev/null
$ cd store && coreshed resolve _store 0123456789abcdef0123456789abcdef 0
It happened: create by owner at <time> UTC, v1
$ cd store && coreshed resolve _store 0123456789abcdef0123456789abcdee 0
It did not happen, and can't any more: do it again.
$ cd store && coreshed resolve EX 0123456789abcdef0123456789abcdef 7
error (InvalidArgument): 'EX' has no event 7, so no call can have begun behind it. Take id and number from the error.
[11]
$ cd store && coreshed resolve EX 0123456789 0
error (InvalidArgument): '0123456789' is no event id: that is the 32 hex digits that the error said.
[11]
$ cd store && coreshed resolve EY 0123456789abcdef0123456789abcdef 3
error (InvalidArgument): 'EY' has no event 3, so no call can have begun behind it. Take id and number from the error.
[11]

# Remains, and how many records had any.
$ cd store && touch -d 2020-01-01 records/EX/versions/v1-0123456789abcdef0123456789abcdef.parquet records/.new-0123456789abcdef0123456789abcdef
$ cd store && mkdir records/.new-1123456789abcdef0123456789abcdef && echo x > records/.new-1123456789abcdef0123456789abcdef/metadata.json && touch -d 2020-01-01 records/.new-1123456789abcdef0123456789abcdef/metadata.json records/.new-1123456789abcdef0123456789abcdef
$ cd store && coreshed vacuum --dry-run
Would remove 2 files (2 B) that nothing refers to, from 1 of 3 records (1 temporary file among them)
  records/.new-<hex>
  records/EX/versions/v1-<hex>.parquet
$ cd store && coreshed vacuum --json
{
  "records": 3,
  "records_cleaned": 1,
  "files": 2,
  "temporary": 1,
  "bytes": 2,
  "objects": [
    "records/.new-<hex>",
    "records/EX/versions/v1-<hex>.parquet"
  ]
}
$ cd store && coreshed vacuum && coreshed verify --deep
Removed 0 files (0 B) that nothing refers to, from 0 of 3 records
Checked 3 records, 3 versions, 5 events, 3 files (63 kB read): no faults
