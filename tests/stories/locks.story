# A lock that is held elsewhere is waited for, and not for ever; nobody has to clean up behind it.

$ coreshed init . > /dev/null && coreshed create DM $data/dm.csv --by a > /dev/null
$ (exec 9< records/DM; flock 9; exec sleep 60) > /dev/null 2>&1 & echo $! > holder
$ sleep 0.5; coreshed --timeout 0.3 update DM $data/dm.csv --by a
error (LockTimeout): Another process held the lock on <here>/records/DM for all of 0.3 seconds. Try again; if it stays so, look for a process that hangs (lslocks shows it).
[6]
$ coreshed --timeout 0.3 approve DM --by b
error (LockTimeout): Another process held the lock on <here>/records/DM for all of 0.3 seconds. Try again; if it stays so, look for a process that hangs (lslocks shows it).
[6]
$ coreshed read DM -c USUBJID,AGE -n 1
DM v1 (draft, active), table data
USUBJID      AGE
01-701-1015   63
$ (sleep 0.5; kill $(cat holder)) > /dev/null 2>&1 & coreshed update DM $data/dm.csv --by a | head -1
Updated DM v2 (draft, active)
$ coreshed verify --deep
Checked 1 record, 2 versions, 2 events, 1 file (27 kB read): no faults
