# What must go by law goes, and the history still holds.

$ coreshed init store > /dev/null && cd store && printf 'patient,dose\nP-01,5\nJane Doe,7\n' > first.csv && coreshed create trial-7 first.csv --by a.meier -m "Jane Doe asked for 7" > /dev/null && printf 'patient,dose\nP-01,5\nP-02,7\n' > mended.csv && coreshed update trial-7 mended.csv --by a.meier -m "names taken out" > /dev/null
$ cd store && coreshed purge trial-7 v1 --by dpo -m "names a participant"
Purged v1 of trial-7
  removed      1 file (1.2 kB)
  not reached  backups and copies of the store
$ cd store && coreshed redact trial-7 --event 1 --text comment --by dpo -m "names a participant"
Redacted comment of 1 event of trial-7
  removed      0 files (0 B)
  not reached  backups and copies of the store
$ cd store && coreshed log trial-7
#  when (UTC)           who      did               version  and said
1  <time>  a.meier  created           v1
2  <time>  a.meier  updated           v2       names taken out
3  <time>  dpo      purged            v1       names a participant
4  <time>  dpo      erased all of it  v1
5  <time>  dpo      redacted                   names a participant; (comment of event
                                                            1)
$ cd store && coreshed versions trial-7
version  status         rows  written (UTC)        by       reviewed by  comment
v1       draft, purged     2  <time>  a.meier
v2 *     draft             2  <time>  a.meier               names taken out
$ cd store && coreshed read trial-7@v1 2>&1 | sed 's/on 2.*Z/on <then>/'
error (NotFound): 'trial-7' version 1 was purged by dpo on <then>: names a participant.
$ cd store && coreshed info trial-7@v1
trial-7 v1 (draft, purged)
  by        a.meier, <time> UTC
  data      2 rows, purged
  source    first.csv, 31 B, SHA-256 <hex>…
  versions  2 versions, v2 active, last event <time> UTC by dpo
  hash      <hex>
  content   <hex>
$ cd store && coreshed drift trial-7@v1 mended.csv 2>&1 | sed 's/on 2.*Z/on <then>/'
error (NotFound): 'trial-7' version 1 was purged by dpo on <then>: names a participant.
$ cd store && rm first.csv && grep -r "Jane Doe" . | wc -l
0
$ cd store && coreshed verify --deep
Checked 1 record, 2 versions, 5 events, 1 file (1.2 kB read): no faults

# What can't be erased so.
$ cd store && coreshed purge trial-7 v2 --by dpo -m "why not"
error (InvalidState): version 2 of 'trial-7' is the active one, and a record can't be without data. Write a new version (update) or go back to another one (rollback) first.
[7]
$ cd store && coreshed purge trial-7 v1 --by dpo
error (InvalidArgument): To erase something needs a reason, which its history keeps (-m, comment).
[11]
$ cd store && coreshed purge trial-7 v9 --by dpo -m "why"
error (NotFound): 'trial-7' has no version 9; there are versions 1 to 2.
[3]
$ cd store && coreshed rollback trial-7 v1 --by a.meier
error (InvalidState): version 1 was purged: its data are gone. Choose another version.
[7]
$ cd store && coreshed redact trial-7 --event 1 --text remark --by dpo -m "why"
error (NotFound): None of these events has a text 'remark'; they have: actor, comment, file_name, name.
[3]
$ cd store && coreshed redact trial-7 --event 77 --text comment --by dpo -m "why"
error (NotFound): 'trial-7' has no event 77; there are events 1 to 5.
[3]

# A record is deleted only where the store lets it.
$ cd store && coreshed delete trial-7 --by dpo -m "time is over"
error (InvalidState): This store does not let records be deleted. Whoever may decide that can allow it: coreshed settings allow_delete=true
[7]
$ cd store && coreshed settings allow_delete=true --by owner -m "retention rules" > /dev/null && coreshed delete trial-7 --by dpo -m "time is over"
Deleted trial-7
  removed      1 file (1.2 kB)
  not reached  backups and copies of the store
$ cd store && coreshed read trial-7 2>&1 | sed 's/on 2.*Z/on <then>/'
error (NotFound): 'trial-7' was deleted by dpo on <then>: time is over.
$ cd store && coreshed list
No records.
$ cd store && coreshed verify
Checked 2 records, 1 version, 8 events, 1 file (0 B read): no faults
$ cd store && coreshed create trial-7 mended.csv --by a.meier
Created trial-7 v3 (draft, active)
  by      a.meier, <time> UTC
  data    2 rows × 2 columns
  source  mended.csv, 27 B, SHA-256 <hex>…
$ cd store && coreshed log trial-7
#  when (UTC)           who      did                 version  and said
1  <time>  a.meier  created             v1
2  <time>  a.meier  updated             v2       names taken out
3  <time>  dpo      purged              v1       names a participant
4  <time>  dpo      erased all of it    v1
5  <time>  dpo      redacted                     names a participant; (comment of event
                                                              1)
6  <time>  dpo      deleted the record           time is over
7  <time>  dpo      erased all of it
8  <time>  a.meier  created             v3
