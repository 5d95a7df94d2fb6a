# A disk that is full, and one that can't be written to: a clear error, and the store as it was.

# Full while data are written: nothing is left of it, what fits goes on working.
$ mkdir full && cd full && on_small_disk '
  > coreshed init . > /dev/null && coreshed create EX $data/ex.csv --by a | head -1
  > coreshed create AE $data/ae.csv --by a 2>&1 | sed "s/ failed: .*//"
  > coreshed create AE $data/ae.csv --by a > /dev/null 2>&1; echo "exit code $?"
  > coreshed update EX $data/ae.csv --by a --allow-breaking > /dev/null 2>&1; echo "exit code $?"
  > coreshed list | cut -c1-30
  > coreshed verify --deep | sed "s/.*: //"
  > coreshed vacuum --grace 0 | cut -c1-17
  > ls records records/EX/versions'
Created EX v1 (draft, active)
error (Io): Version 1 of 'AE' was not written: Writing <here>/full/records/AE/versions/v1.parquet
exit code 12
exit code 12
record  active  status  rows  
EX      v1      draft    591  
no faults
Removed 0 files (
records:
EX
<blank>
records/EX/versions:
v1.parquet

# A file that may not grow so large.
$ mkdir limited && cd limited && coreshed init . > /dev/null && ulimit -f 8 && coreshed create AE $data/ae.csv --by a
error (Io): Version 1 of 'AE' was not written: Writing <here>/limited/records/AE/versions/v1.parquet failed: the file is larger than allowed here (File too large). Raise the limit (ulimit -f) and try again.
[12]
$ cd limited && coreshed verify --deep
Checked 0 records, 0 versions, 0 events, 0 files (0 B read): no faults

# Full where the answer goes.
$ coreshed init . > /dev/null && coreshed create DM $data/dm.csv --by a > /dev/null
$ coreshed list > /dev/full
error (Io): The answer can't be written to standard output: No space left on device.
[12]
$ coreshed read DM -f csv > /dev/full
error (Io): writing CSV: No space left on device
[12]
$ coreshed export DM nowhere/dm.csv
error (Io): nowhere/dm.csv can't be written: No such file or directory.
[12]
$ coreshed export DM nowhere/near/
error (Io): The folder nowhere/near/ can't be made: No such file or directory.
[12]

# No right to write: reading works, and a write says why it doesn't.
$ as_reader coreshed read DM -c USUBJID,AGE -n 1
DM v1 (draft, active), table data
USUBJID      AGE
01-701-1015   63
$ as_reader coreshed list
record  active  status  rows  tables  last event (UTC)     by  about
DM      v1      draft    306  data    <time>  a
$ as_reader coreshed verify --deep
Checked 1 record, 1 version, 1 event, 1 file (27 kB read): no faults
$ as_reader coreshed update DM $data/dm.csv --by a
error (Io): Version 2 of 'DM' was not written: Creating <here>/content/<hex>/<hex>.DM.2 failed: no permission (Permission denied). Check the owner and the permissions of this path.
[12]
$ as_reader coreshed create EX $data/ex.csv --by a
error (Io): 'EX' was not created: Making the folder <here>/records/EX failed: no permission (Permission denied). Check the owner and the permissions of this path.
[12]
$ as_reader coreshed approve DM --by b
error (Io): 'DM' was not changed: Writing <here>/records/DM/metadata.json failed: no permission (Permission denied). Check the owner and the permissions of this path.
[12]
$ as_reader coreshed vacuum
Removed 0 files (0 B) that nothing refers to, from 0 of 1 record
$ as_reader coreshed init other
error (Io): Making the folder <here>/other failed: no permission (Permission denied). Check the owner and the permissions of this path.
[12]
$ coreshed verify --deep
Checked 1 record, 1 version, 1 event, 1 file (27 kB read): no faults
