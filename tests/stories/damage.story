# A damaged record is told as damaged, never as missing; nothing is written to it; the others go on working.

$ coreshed init . > /dev/null
$ coreshed create A $data/dm.csv --by a > /dev/null && coreshed create B $data/ex.csv --by a > /dev/null
$ coreshed update A $data/dm.csv --by a -m "again" > /dev/null
$ cp -r records kept
$ coreshed seal -o store.seal
Sealed into store.seal. Keep it where nobody who writes to the store can change it.

# Metadata cut off, emptied, of another kind.
$ head -c 700 kept/A/metadata.json > records/A/metadata.json
$ coreshed read A
error (Corruption): metadata.json of 'A' is not readable JSON
[10]
$ coreshed update A $data/dm.csv --by a
error (Corruption): metadata.json of 'A' is not readable JSON
[10]
$ coreshed create A $data/dm.csv --by a
error (Corruption): metadata.json of 'A' is not readable JSON
[10]
$ coreshed approve A --by b
error (Corruption): metadata.json of 'A' is not readable JSON
[10]
$ coreshed list
record  active  status   rows  tables  last event (UTC)     by  about
A               corrupt                                         metadata.json of 'A' is not readable
                                                                JSON
B       v1      draft     591  data    <time>  a
$ coreshed create C $data/dm.csv --by a > /dev/null && coreshed find $data/dm.csv; rm -r records/C
record  version  status
A       v1       corrupt  metadata.json of 'A' is not readable JSON
A       v2       corrupt  metadata.json of 'A' is not readable JSON
C       v1 *     draft
$ coreshed read B -c USUBJID,EXTRT -n 1
B v1 (draft, active), table data
USUBJID      EXTRT
01-701-1015  PLACEBO
$ coreshed update B $data/ex.csv --by a | head -1
Updated B v2 (draft, active)
$ coreshed verify
Checked 1 record, 2 versions, 2 events, 1 file (0 B read): 1 fault
record  rule      fault
A       metadata  metadata.json of 'A' is not readable JSON
[1]
$ : > records/A/metadata.json; coreshed log A
error (Corruption): metadata.json of 'A' is not readable JSON
[10]
$ echo '{"name": "something else"}' > records/A/metadata.json; coreshed log A
error (Corruption): metadata.json of 'A': field 'coreshed' is missing
[10]

# Somebody changed the history.
$ sed 's/"again"/"never"/' kept/A/metadata.json > records/A/metadata.json
$ coreshed verify
Checked 2 records, 4 versions, 4 events, 2 files (0 B read): 1 fault
record  rule   fault
A       chain  event 2: its text 'comment' was changed
[1]
$ coreshed update A $data/dm.csv --by a
error (Corruption): metadata.json of 'A': chain: event 2: its text 'comment' was changed. Nothing was written to it.
[10]

# A data file damaged, and gone: seen where it is read, and by verify --deep and verify.
$ cp kept/A/metadata.json records/A/metadata.json
$ chmod u+w records/A/versions/v1.parquet; printf 'XXXX' | dd of=records/A/versions/v1.parquet bs=1 seek=2000 conv=notrunc 2> /dev/null
$ coreshed verify --deep
Checked 2 records, 4 versions, 4 events, 2 files (37 kB read): 1 fault
record  rule  fault
A       data  version 1: File records/A/versions/v1.parquet is damaged: Corrupt Lz4 compressed data.
[1]
$ coreshed read A@v1
error (Corruption): File records/A/versions/v1.parquet is damaged: Corrupt Lz4 compressed data.
[10]
$ coreshed rollback A v1 --by a
error (Corruption): Version 1 of 'A' is damaged, so it was not made active: version 1: File records/A/versions/v1.parquet is damaged: Corrupt Lz4 compressed data.
[10]
$ rm records/A/versions/v1.parquet
$ coreshed read A@v1
error (Corruption): File records/A/versions/v1.parquet is missing. Restore it from a backup; coreshed verify tells what else is.
[10]
$ coreshed verify
Checked 2 records, 4 versions, 4 events, 2 files (0 B read): 1 fault
record  rule  fault
A       data  version 1: File records/A/versions/v1.parquet: There is no
              <here>/records/A/versions/v1.parquet.
[1]

# All of it put back: whole again. The seal made before tells what has happened since.
$ cp kept/A/versions/v1.parquet records/A/versions/
$ coreshed verify --deep
Checked 2 records, 4 versions, 4 events, 2 files (37 kB read): no faults
$ coreshed verify --seal store.seal
Checked 2 records, 4 versions, 4 events, 2 files (0 B read): no faults
note: since the seal of <any>: 1 events in 1 of 2 records, and 0 new records

# A whole older state put back is whole in itself; only the seal shows it.
$ coreshed seal -o later.seal > /dev/null && cp kept/B/metadata.json records/B/ && coreshed verify
Checked 2 records, 3 versions, 3 events, 2 files (0 B read): no faults
$ coreshed verify --seal later.seal
Checked 2 records, 3 versions, 3 events, 2 files (0 B read): 1 fault
record  rule  fault
B       seal  its history was cut: event 2 that the seal knows is gone
note: since the seal of <any>: 0 events in 0 of 2 records, and 0 new records
[1]

# Not a store, and a store of a newer release.
$ echo '{"format": 999, "store_id": "00000000000000000000000000000000"}' > coreshed.json; coreshed list
error (Unsupported): coreshed.json of <here> says format 999: a newer release made this store. Install it.
[13]
$ echo 'nonsense' > coreshed.json; coreshed list
error (Corruption): coreshed.json of <here> is not readable JSON
[10]
