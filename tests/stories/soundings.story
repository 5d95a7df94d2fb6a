# The main job of a geotechnical engineer, on the real file of a cone penetration test as contractors deliver it
# (AGS 4): first version, a correction, a rejection with its reason, a second correction, approval, delivery, a look
# at an old version, a mistake and a rollback, the history, the list by status, verify.

$ coreshed init store
Made a store at <here>/store (<hex>)

# First version. Who it is comes from --by or from the environment.
$ cd store && coreshed upload $data/HKZ1-CPT01.ags --by a.meier -m "as delivered" -a site=HKZ1
Created hkz1-cpt01-<hex> v1 (draft, active)
  by       a.meier, <time> UTC
  comment  as delivered
  ABBR     266 rows × 3 columns
  DICT     4 rows × 9 columns
  HDPH     1 row × 23 columns
  LOCA     1 row × 16 columns
  PROJ     1 row × 8 columns
  SCPG     1 row × 22 columns
  SCPT     2,525 rows × 11 columns
  TRAN     1 row × 11 columns
  TYPE     28 rows × 2 columns
  UNIT     96 rows × 2 columns
  source   HKZ1-CPT01.ags, 273 kB, SHA-256 <hex>…
  warning  HKZ1-CPT01.ags, line 1 (and 2984 more): Rule 2a: the line does not end with CR LF.
$ coreshed --store store export hkz1-cpt01-167dc58be519 cpt01.ags && cmp cpt01.ags $data/HKZ1-CPT01.ags && echo the same
hkz1-cpt01-<hex> v1 (draft, active), 10 tables: 2,924 rows → cpt01.ags
the same

# While the cone enters the ground no friction is measured: a correction takes these rows out …
$ awk -F, '/^"GROUP"/ {g = $2} g !~ /SCPT/ || !/^"DATA"/ || $6 != "\"\""' cpt01.ags > cpt01-b.ags
$ CORESHED_USER=a.meier coreshed --store store upload cpt01-b.ags --name HKZ1-CPT01 --overwrite -m "rows without friction removed" | grep -v -e " TYPE" -e " UNIT"
Uploaded as the next version: hkz1-cpt01-<hex> v2 (draft, active)
  by       a.meier, <time> UTC
  comment  rows without friction removed
  ABBR     266 rows × 3 columns
  DICT     4 rows × 9 columns
  HDPH     1 row × 23 columns
  LOCA     1 row × 16 columns
  PROJ     1 row × 8 columns
  SCPG     1 row × 22 columns
  SCPT     2,516 rows × 11 columns
  TRAN     1 row × 11 columns
  source   cpt01-b.ags, 272 kB, SHA-256 <hex>…
  warning  cpt01-b.ags, line 1 (and 2975 more): Rule 2a: the line does not end with CR LF.

# … and the reviewer sees that it takes out too much.
$ coreshed --store store read hkz1-cpt01-167dc58be519@v1#SCPT -w "SCPT_FRES IS NULL" -c SCPT_DPTH,SCPT_RES,SCPT_FRES
hkz1-cpt01-<hex> v1 (draft), table SCPT
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
$ coreshed --store store reject hkz1-cpt01-167dc58be519 --by k.brandt
error (InvalidArgument): A rejection needs a reason, so that the author knows what to mend.
[11]
$ coreshed --store store reject hkz1-cpt01-167dc58be519 --by k.brandt -m "the last six readings are good"
Rejected hkz1-cpt01-<hex> v2 (rejected, active)
  by      k.brandt, <time> UTC
  reason  the last six readings are good
$ coreshed --store store approve hkz1-cpt01-167dc58be519 --by k.brandt
error (InvalidState): version 2 of 'hkz1-cpt01-<hex>' is rejected, and only a draft can be approved. Write a new version (update) and review that.
[7]

# The second correction. The reviewer names the version looked at; an older one is a conflict.
$ awk -F, '/^"GROUP"/ {g = $2} g !~ /SCPT/ || !/^"DATA"/ || $6 != "\"\"" || substr($4, 2) + 0 > 1' cpt01.ags > cpt01-c.ags
$ coreshed --store store upload cpt01-c.ags --name HKZ1-CPT01 --overwrite --by a.meier -m "readings above 0.06 m removed" --expect v2 | grep -e v3 -e SCPT
Uploaded as the next version: hkz1-cpt01-<hex> v3 (draft, active)
  SCPT     2,522 rows × 11 columns
$ coreshed --store store approve hkz1-cpt01-167dc58be519 --by k.brandt --version v2
error (Conflict): version 2 of 'hkz1-cpt01-<hex>' is no longer the active one: version 3 is. Look at that one and decide again.
[5]
$ coreshed --store store approve hkz1-cpt01-167dc58be519 --by k.brandt --version v3 --meaning "approved for design"
Approved hkz1-cpt01-<hex> v3 (approved, active)
  by       k.brandt, <time> UTC
  meaning  approved for design

# What is delivered is what was approved: the corrected file, byte for byte.
$ coreshed --store store export hkz1-cpt01-167dc58be519@approved delivered.ags && cmp delivered.ags cpt01-c.ags && echo the same
hkz1-cpt01-<hex> v3 (approved, active), 10 tables: 2,921 rows → delivered.ags
the same

# An old version is what it was.
$ coreshed --store store read hkz1-cpt01-167dc58be519@v1#SCPT -f csv | wc -l
hkz1-cpt01-<hex> v1 (draft), table SCPT: 2,525 rows
2526
$ coreshed --store store read hkz1-cpt01-167dc58be519@v1#SCPT -c SCPT_DPTH,SCPT_RES -n 3
hkz1-cpt01-<hex> v1 (draft), table SCPT
SCPT_DPTH  SCPT_RES
     0.0      0.006
     0.02     0.02
     0.04     0.036

# A mistake, and one step back. The wrong version stays in the history.
$ coreshed --store store upload $data/HKZ1-CPT02.ags --name HKZ1-CPT01 --overwrite --by j.vos | grep -e v4 -e SCPT
Uploaded as the next version: hkz1-cpt01-<hex> v4 (draft, active)
  SCPT     2,507 rows × 11 columns
$ coreshed --store store read hkz1-cpt01-167dc58be519#SCPT -c LOCA_ID,SCPT_DPTH,SCPT_RES -n 1
hkz1-cpt01-<hex> v4 (draft, active), table SCPT
LOCA_ID         SCPT_DPTH  SCPT_RES
HKZ1-CPT02.000        0.0     0.142
$ coreshed --store store read hkz1-cpt01-167dc58be519@approved#SCPT -c LOCA_ID,SCPT_DPTH,SCPT_RES -n 1
hkz1-cpt01-<hex> v3 (approved), table SCPT
LOCA_ID         SCPT_DPTH  SCPT_RES
HKZ1-CPT01.000       0.06     0.052
$ coreshed --store store rollback hkz1-cpt01-167dc58be519 v3 --by a.meier -m "v4 is the file of HKZ1-CPT02"
Rolled back hkz1-cpt01-<hex> to v3 (approved, active)
  by       a.meier
  reason   v4 is the file of HKZ1-CPT02
  written  by a.meier, <time> UTC: readings above 0.06 m removed
$ coreshed --store store rollback hkz1-cpt01-167dc58be519 v3 --by a.meier
Rolled back hkz1-cpt01-<hex> to v3 (approved, active)
  by       a.meier
  written  by a.meier, <time> UTC: readings above 0.06 m removed
  warning  version 3 is the active one already: nothing was done

# The other file gets a dataset of its own, and is known. To find content takes one table.
$ coreshed --store store upload $data/HKZ1-CPT02.ags --by j.vos -m "as delivered" -a site=HKZ1 | grep -e v1 -e same
Created hkz1-cpt02-<hex> v1 (draft, active)
  warning  the same content is version 4 of 'hkz1-cpt01-<hex>'
$ coreshed --store store duplicates
Content <hex>
record                   version  status
hkz1-cpt01-<hex>  v4       draft
hkz1-cpt02-<hex>  v1 *     draft
$ coreshed --store store find delivered.ags
error (InvalidArgument): delivered.ags holds 10 tables, and find looks for one. An upload of the file names the records that have its content.
[11]
$ coreshed --store store read hkz1-cpt01-167dc58be519#SCPT -o scpt.csv > /dev/null && coreshed --store store create readings scpt.csv --by a.meier > /dev/null && coreshed --store store find scpt.csv
record    version  status
readings  v1 *     draft

# The approved file sent again adds nothing; meant as a version, it gets the next number.
$ coreshed --store store upload delivered.ags --name HKZ1-CPT01 --overwrite --by a.meier | head -1
Nothing new: this is the content of hkz1-cpt01-<hex> v3 (approved, active)
$ coreshed --store store upload delivered.ags --name HKZ1-CPT01 --overwrite --as-new-version --by a.meier -m "once more" | grep -e v5 -e same
Uploaded as the next version: hkz1-cpt01-<hex> v5 (draft, active)
  content  the same as v3
$ coreshed --store store rollback hkz1-cpt01-167dc58be519 3 --by a.meier -m "it was the same" | head -1
Rolled back hkz1-cpt01-<hex> to v3 (approved, active)
$ coreshed --store store tag hkz1-cpt01-167dc58be519@v3 design-freeze --by k.brandt
Tagged hkz1-cpt01-<hex> v3 (approved, active) as design-freeze
  by  k.brandt

$ coreshed --store store log hkz1-cpt01-167dc58be519
 #  when (UTC)           who       did                     version  and said
 1  <time>  a.meier   uploaded                v1       as delivered
 2  <time>  a.meier   uploaded over it        v2       rows without friction removed
 3  <time>  k.brandt  tried to reject         v2       refused: A rejection needs a
                                                                    reason, so that the author knows
                                                                    what to mend.
 4  <time>  k.brandt  rejected                v2       the last six readings are good
 5  <time>  k.brandt  tried to approve        v2       refused: version 2 of
                                                                    'hkz1-cpt01-<hex>' is
                                                                    rejected, and only a draft can
                                                                    be approved. Write a new version
                                                                    (update) and review that.
 6  <time>  a.meier   uploaded over it        v3       readings above 0.06 m removed
 7  <time>  k.brandt  approved                v3       approved for design
 8  <time>  j.vos     uploaded over it        v4
 9  <time>  a.meier   rolled back from v4     v3       v4 is the file of HKZ1-CPT02
10  <time>  a.meier   uploaded over it        v5       once more; (the same content as
                                                                    v3)
11  <time>  a.meier   rolled back from v5     v3       it was the same
12  <time>  k.brandt  tagged "design-freeze"  v3
$ coreshed --store store versions hkz1-cpt01-167dc58be519
version  status     rows  written (UTC)        by       reviewed by  comment
v1       draft     2,924  <time>  a.meier               as delivered
v2       rejected  2,915  <time>  a.meier  k.brandt     rows without friction removed;
                                                                     k.brandt: the last six readings
                                                                     are good
v3 *     approved  2,921  <time>  a.meier  k.brandt     readings above 0.06 m removed;
                                                                     k.brandt: approved for design
                                                                     [design-freeze]
v4       draft     2,906  <time>  j.vos
v5       draft     2,921  <time>  a.meier               once more
$ COLUMNS=150 coreshed --store store list
record                   active  status     rows  tables                                          last event (UTC)     by        about
hkz1-cpt01-<hex>  v3      approved  2,921  ABBR, DICT, HDPH, LOCA, PROJ, SCPG, SCPT, TRA…  <time>  k.brandt  HKZ1-CPT01, site=HKZ1
hkz1-cpt02-<hex>  v1      draft     2,906  ABBR, DICT, HDPH, LOCA, PROJ, SCPG, SCPT, TRA…  <time>  j.vos     HKZ1-CPT02, site=HKZ1
readings                 v1      draft     2,522  data                                            <time>  a.meier
$ COLUMNS=150 coreshed --store store list --status approved -a site=HKZ1
record                   active  status     rows  tables                                          last event (UTC)     by        about
hkz1-cpt01-<hex>  v3      approved  2,921  ABBR, DICT, HDPH, LOCA, PROJ, SCPG, SCPT, TRA…  <time>  k.brandt  HKZ1-CPT01, site=HKZ1
$ coreshed --store store verify --deep
Checked 3 records, 7 versions, 14 events, 56 files (2.0 MB read): no faults
