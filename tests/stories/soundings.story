# The main job of a geotechnical engineer, on the real readings of a cone penetration test: first version,
# a correction, a rejection with its reason, a second correction, approval, a look at an old version, a
# mistake and a rollback, the history, the list by status, verify.

$ coreshed init store
Made a store at <here>/store (<hex>)

$ $readings $data/HKZ1-CPT01.ags > cpt01.csv && head -3 cpt01.csv
LOCA_ID,SCPG_TESN,SCPT_DPTH,SCPT_RES,SCPT_FRES,SCPT_PWP2,SCPT_FRR,SCPT_QT,SCPT_QNET,SCPT_BQ
HKZ1-CPT01.000,1,0.00,0.006,,,,0.007,0.007,0.4299
HKZ1-CPT01.000,1,0.02,0.020,,3.4,,0.021,0.021,0.1457

# First version. Who it is comes from --by or from the environment.
$ cd store && coreshed create HKZ1-CPT01 ../cpt01.csv --by a.meier -m "as delivered" -a site=HKZ1
Created HKZ1-CPT01 v1 (draft, active)
  by       a.meier, <time> UTC
  comment  as delivered
  data     2,525 rows × 10 columns
  source   cpt01.csv, 176 kB, SHA-256 <hex>…

# While the cone enters the ground no friction is measured: a correction takes these rows out …
$ awk -F, '$5 != ""' cpt01.csv > cpt01-b.csv
$ CORESHED_USER=a.meier coreshed --store store update HKZ1-CPT01 cpt01-b.csv -m "rows without friction removed"
Updated HKZ1-CPT01 v2 (draft, active)
  by       a.meier, <time> UTC
  comment  rows without friction removed
  data     2,516 rows × 10 columns
  source   cpt01-b.csv, 176 kB, SHA-256 <hex>…

# … and the reviewer sees that it takes out too much.
$ coreshed --store store read HKZ1-CPT01@v1 -w "SCPT_FRES IS NULL" -c SCPT_DPTH,SCPT_RES,SCPT_FRES
HKZ1-CPT01 v1 (draft), table data
SCPT_DPTH  SCPT_RES  SCPT_FRES
     0.0      0.006       null
     0.02     0.02        null
     0.04     0.036       null
    50.38    20.095       null
    50.4     21.233       null
    50.42    20.542       null
    50.44    18.236       null
    50.46    16.62        null
    50.48    15.484       null
$ coreshed --store store reject HKZ1-CPT01 --by k.brandt
error (InvalidArgument): A rejection needs a reason, so that the author knows what to mend.
[11]
$ coreshed --store store reject HKZ1-CPT01 --by k.brandt -m "the last six readings are good"
Rejected HKZ1-CPT01 v2 (rejected, active)
  by      k.brandt, <time> UTC
  reason  the last six readings are good
$ coreshed --store store approve HKZ1-CPT01 --by k.brandt
error (InvalidState): version 2 of 'HKZ1-CPT01' is rejected, and only a draft can be approved. Write a new version (update) and review that.
[7]

# The second correction. The reviewer names the version looked at; an older one is a conflict.
$ awk -F, '$5 != "" || $3 > 1' cpt01.csv > cpt01-c.csv
$ coreshed --store store update HKZ1-CPT01 cpt01-c.csv --by a.meier -m "readings above 0.06 m removed" --expect v2
Updated HKZ1-CPT01 v3 (draft, active)
  by       a.meier, <time> UTC
  comment  readings above 0.06 m removed
  data     2,522 rows × 10 columns
  source   cpt01-c.csv, 176 kB, SHA-256 <hex>…
$ coreshed --store store approve HKZ1-CPT01 --by k.brandt --version v2
error (Conflict): version 2 of 'HKZ1-CPT01' is no longer the active one: version 3 is. Look at that one and decide again.
[5]
$ coreshed --store store approve HKZ1-CPT01 --by k.brandt --version v3 --meaning "approved for design"
Approved HKZ1-CPT01 v3 (approved, active)
  by       k.brandt, <time> UTC
  meaning  approved for design

# An old version is what it was: the same bytes that were written then.
$ coreshed --store store read HKZ1-CPT01@v1 -f csv | wc -l
HKZ1-CPT01 v1 (draft), table data: 2,525 rows
2526
$ coreshed --store store read HKZ1-CPT01@v1 -c SCPT_DPTH,SCPT_RES -n 3
HKZ1-CPT01 v1 (draft), table data
SCPT_DPTH  SCPT_RES
     0.0      0.006
     0.02     0.02
     0.04     0.036

# A mistake, and one step back. The wrong version stays in the history.
$ $readings $data/HKZ1-CPT02.ags > cpt02.csv
$ coreshed --store store update HKZ1-CPT01 cpt02.csv --by j.vos
Updated HKZ1-CPT01 v4 (draft, active)
  by      j.vos, <time> UTC
  data    2,507 rows × 10 columns
  source  cpt02.csv, 175 kB, SHA-256 <hex>…
$ coreshed --store store read HKZ1-CPT01 -c LOCA_ID,SCPT_DPTH,SCPT_RES -n 1
HKZ1-CPT01 v4 (draft, active), table data
LOCA_ID         SCPT_DPTH  SCPT_RES
HKZ1-CPT02.000        0.0     0.142
$ coreshed --store store read HKZ1-CPT01@approved -c LOCA_ID,SCPT_DPTH,SCPT_RES -n 1
HKZ1-CPT01 v3 (approved), table data
LOCA_ID         SCPT_DPTH  SCPT_RES
HKZ1-CPT01.000       0.06     0.052
$ coreshed --store store rollback HKZ1-CPT01 v3 --by a.meier -m "v4 is the file of HKZ1-CPT02"
Rolled back HKZ1-CPT01 to v3 (approved, active)
  by       a.meier
  reason   v4 is the file of HKZ1-CPT02
  written  by a.meier, <time> UTC: readings above 0.06 m removed
$ coreshed --store store rollback HKZ1-CPT01 v3 --by a.meier
Rolled back HKZ1-CPT01 to v3 (approved, active)
  by       a.meier
  written  by a.meier, <time> UTC: readings above 0.06 m removed
  warning  version 3 is the active one already: nothing was done
$ coreshed --store store find cpt02.csv
record      version  status
HKZ1-CPT01  v4       draft

# The next version gets the next number.
$ coreshed --store store update HKZ1-CPT01 cpt01-c.csv --by a.meier -m "once more"
Updated HKZ1-CPT01 v5 (draft, active)
  by       a.meier, <time> UTC
  comment  once more
  data     2,522 rows × 10 columns
  source   cpt01-c.csv, 176 kB, SHA-256 <hex>…
  content  the same as v3
$ coreshed --store store rollback HKZ1-CPT01 3 --by a.meier -m "it was the same"
Rolled back HKZ1-CPT01 to v3 (approved, active)
  by       a.meier
  reason   it was the same
  written  by a.meier, <time> UTC: readings above 0.06 m removed
$ coreshed --store store tag HKZ1-CPT01@v3 design-freeze --by k.brandt
Tagged HKZ1-CPT01 v3 (approved, active) as design-freeze
  by  k.brandt

$ coreshed --store store log HKZ1-CPT01
 #  when (UTC)           who       did                     version  and said
 1  <time>  a.meier   created                 v1       as delivered
 2  <time>  a.meier   updated                 v2       rows without friction removed
 3  <time>  k.brandt  tried to reject         v2       refused: A rejection needs a
                                                                    reason, so that the author knows
                                                                    what to mend.
 4  <time>  k.brandt  rejected                v2       the last six readings are good
 5  <time>  k.brandt  tried to approve        v2       refused: version 2 of
                                                                    'HKZ1-CPT01' is rejected, and
                                                                    only a draft can be approved.
                                                                    Write a new version (update) and
                                                                    review that.
 6  <time>  a.meier   updated                 v3       readings above 0.06 m removed
 7  <time>  k.brandt  approved                v3       approved for design
 8  <time>  j.vos     updated                 v4
 9  <time>  a.meier   rolled back from v4     v3       v4 is the file of HKZ1-CPT02
10  <time>  a.meier   updated                 v5       once more; (the same content as
                                                                    v3)
11  <time>  a.meier   rolled back from v5     v3       it was the same
12  <time>  k.brandt  tagged "design-freeze"  v3
$ coreshed --store store versions HKZ1-CPT01
version  status     rows  written (UTC)        by       reviewed by  comment
v1       draft     2,525  <time>  a.meier               as delivered
v2       rejected  2,516  <time>  a.meier  k.brandt     rows without friction removed;
                                                                     k.brandt: the last six readings
                                                                     are good
v3 *     approved  2,522  <time>  a.meier  k.brandt     readings above 0.06 m removed;
                                                                     k.brandt: approved for design
                                                                     [design-freeze]
v4       draft     2,507  <time>  j.vos
v5       draft     2,522  <time>  a.meier               once more
$ coreshed --store store create HKZ1-CPT02 cpt02.csv --by j.vos -m "as delivered" -a site=HKZ1
Created HKZ1-CPT02 v1 (draft, active)
  by       j.vos, <time> UTC
  comment  as delivered
  data     2,507 rows × 10 columns
  source   cpt02.csv, 175 kB, SHA-256 <hex>…
$ coreshed --store store list
record      active  status     rows  tables  last event (UTC)     by        about
HKZ1-CPT01  v3      approved  2,522  data    <time>  k.brandt  site=HKZ1
HKZ1-CPT02  v1      draft     2,507  data    <time>  j.vos     site=HKZ1
$ coreshed --store store list --status approved -a site=HKZ1
record      active  status     rows  tables  last event (UTC)     by        about
HKZ1-CPT01  v3      approved  2,522  data    <time>  k.brandt  site=HKZ1
$ coreshed --store store verify --deep
Checked 2 records, 6 versions, 13 events, 5 files (339 kB read): no faults
