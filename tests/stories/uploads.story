# A clinical analyst uploads demographics under the name that people know them by.

$ coreshed init .
Made a store at <here> (<hex>)
$ coreshed upload $data/dm.csv --name "Demographics" --by m.sato -m "first cut" -a study=CDISCPILOT01
Created demographics-<hex> v1 (draft, active)
  by       m.sato, <time> UTC
  comment  first cut
  dm       306 rows × 28 columns
  source   dm.csv, 81 kB, SHA-256 <hex>…

# The same name again is a question of meaning it.
$ coreshed upload $data/dm.csv --name "Demographics" --by m.sato
error (AlreadyExists): There is a dataset 'Demographics' already (demographics-<hex>, active: version 1). To make this file its next version, allow overwriting (--overwrite, overwrite); or choose another name.
[4]

# The same content is nothing new.
$ coreshed upload $data/dm.csv --name "Demographics" --by m.sato --overwrite
Nothing new: this is the content of demographics-<hex> v1 (draft, active)
  by       m.sato, <time> UTC
  comment  first cut
  dm       306 rows × 28 columns
  source   dm.csv, 81 kB, SHA-256 <hex>…

# Two rows are corrected, and a reviewer approves what was uploaded.
$ sed '2s/,63,/,64,/; 3s/,64,/,65,/' $data/dm.csv > dm-corrected.csv
$ coreshed upload dm-corrected.csv --name "Demographics" --by m.sato --overwrite -m "two ages corrected"
Uploaded as the next version: demographics-<hex> v2 (draft, active)
  by       m.sato, <time> UTC
  comment  two ages corrected
  dm       306 rows × 28 columns
  source   dm-corrected.csv, 81 kB, SHA-256 <hex>…
$ coreshed approve demographics-7bcf032544c5 --by r.lind --meaning reviewed
Approved demographics-<hex> v2 (approved, active)
  by       r.lind, <time> UTC
  meaning  reviewed

# A column is dropped: refused, until somebody says that it is meant. The preview writes nothing.
$ cut -d, -f1-22 dm-corrected.csv > dm-short.csv
$ coreshed drift dm-short.csv demographics-7bcf032544c5
Against demographics-<hex> v2 (approved, active) the columns differ: breaking
  dm: column ACTARM removed (string)
  dm: column COUNTRY removed (string)
  dm: column DMDTC removed (date)
  dm: column DMDY removed (int64)
  dm: column ARMNRS removed (string)
  dm: column ACTARMUD removed (string)
$ coreshed upload dm-short.csv --name "Demographics" --by m.sato --overwrite
error (SchemaDrift): The columns differ from version 2 of 'demographics-<hex>' in a way that breaks what reads them: dm: column ACTARM removed (string); dm: column COUNTRY removed (string); dm: column DMDTC removed (date); dm: column DMDY removed (int64); dm: column ARMNRS removed (string); dm: column ACTARMUD removed (string). If that is meant, allow it for this write (--allow-breaking, allow_breaking), name renamed columns (--rename old=new), or change the drift policy (coreshed policy).
[8]
$ coreshed upload dm-short.csv --name "Demographics" --by m.sato --overwrite --allow-breaking -m "short form"
Uploaded as the next version: demographics-<hex> v3 (draft, active)
  by       m.sato, <time> UTC
  comment  short form
  dm       306 rows × 22 columns
  source   dm-short.csv, 66 kB, SHA-256 <hex>…
  schema   dm: column ACTARM removed (string)
           dm: column COUNTRY removed (string)
           dm: column DMDTC removed (date)
           dm: column DMDY removed (int64)
           dm: column ARMNRS removed (string)
           dm: column ACTARMUD removed (string)

# Back: by hand, or by uploading what was there.
$ coreshed rollback demographics-7bcf032544c5 v2 --by r.lind -m "the short form was a mistake"
Rolled back demographics-<hex> to v2 (approved, active)
  by       r.lind
  reason   the short form was a mistake
  written  by m.sato, <time> UTC: two ages corrected
$ coreshed upload $data/dm.csv --name "Demographics" --by m.sato --overwrite
This content is an older version, which is the active one again: demographics-<hex> v1 (draft, active)
  by       m.sato, <time> UTC
  comment  first cut
  dm       306 rows × 28 columns
  source   dm.csv, 81 kB, SHA-256 <hex>…

# The same file under another name is told, and stands.
$ coreshed upload dm-corrected.csv --by n.ito
Created dm-corrected-<hex> v1 (draft, active)
  by            n.ito, <time> UTC
  dm-corrected  306 rows × 28 columns
  source        dm-corrected.csv, 81 kB, SHA-256 <hex>…
  warning       the same content is version 2 of 'demographics-<hex>'
$ coreshed duplicates
Content <hex>
record                     version  status
demographics-<hex>  v2       approved
dm-corrected-<hex>  v1 *     draft

# What was uploaded can be had again, byte for byte.
$ coreshed source demographics-7bcf032544c5@v1 && cmp dm.csv $data/dm.csv
Wrote dm.csv: dm.csv, 81 kB, SHA-256 <hex>…
$ coreshed source demographics-7bcf032544c5@v2 - | sha256sum | cut -c1-12; sha256sum < dm-corrected.csv | cut -c1-12
<hex>
<hex>
$ coreshed log demographics-7bcf032544c5
#  when (UTC)           who     did                  version  and said
1  <time>  m.sato  uploaded             v1       first cut
2  <time>  m.sato  uploaded over it     v2       two ages corrected
3  <time>  r.lind  approved             v2       reviewed
4  <time>  m.sato  tried to overwrite            refused: dm: column ACTARM removed
                                                              (string); dm: column COUNTRY removed
                                                              (string); dm: column DMDTC removed
                                                              (date); dm: column DMDY removed
                                                              (int64); dm: column ARMNRS removed
                                                              (string); dm: column ACTARMUD removed
                                                              (string)
5  <time>  m.sato  uploaded over it     v3       short form; (6 breaking changes of the
                                                              schema)
6  <time>  r.lind  rolled back from v3  v2       the short form was a mistake
7  <time>  m.sato  rolled back from v2  v1
$ coreshed verify --deep
Checked 2 records, 4 versions, 8 events, 8 files (411 kB read): no faults

# An analysis says what it has read, and can be repeated when another version is active.
$ coreshed cohort demographics-7bcf032544c5 -w "AGE > 88" -c USUBJID,AGE
Read demographics-<hex> v1 (draft, active), table dm: made by upload, exact hash <hex>
demographics-<hex> v1 (draft, active), table dm
USUBJID      AGE
01-705-1058   89
01-710-1083   89
01-710-1376   89
$ coreshed cohort demographics-7bcf032544c5 -w "AGE > 88" -o old.csv 2> which.txt && cat which.txt
demographics-<hex> v1 (draft, active), table dm: 3 rows → old.csv
Read demographics-<hex> v1 (draft, active), table dm: made by upload, exact hash <hex>
$ coreshed rollback demographics-7bcf032544c5 v2 --by r.lind > /dev/null && coreshed read "demographics-7bcf032544c5@sha:$(sed 's/.*hash //' which.txt)" -w "AGE > 88" -f csv 2> /dev/null | cmp - old.csv && echo the same
the same
$ coreshed cohort demographics-7bcf032544c5 --table dm --json 2>&1 | head -9
Read demographics-<hex> v2 (approved, active), table dm: made by overwrite, exact hash <hex>
{
  "record_id": "demographics-<hex>",
  "version": 2,
  "status": "approved",
  "active": true,
  "exact_hash": "<hex>",
  "event_type": "overwrite",
  "table": "dm",
$ coreshed cohort demographics-7bcf032544c5 --table lab
error (NotFound): 'demographics-<hex>' version 2 has no table 'lab'; there are: dm.
[3]
$ coreshed rollback demographics-7bcf032544c5 v1 --by r.lind > /dev/null

# What is no table is said so, and nothing of it stays.
$ echo "not a table" > notes.docx && coreshed upload notes.docx --by m.sato
error (InvalidArgument): notes.docx ends in .docx, which tells no format. Known are: .csv, .tsv, .jsonl, .ndjson, .parquet, .arrow, .ipc, .feather, .xlsx, .xlsm, .ags, .xpt, .xport, .sas7bdat, .zip. Or say what it is (--format, format).
[11]
$ : > empty.csv && coreshed upload empty.csv --by m.sato
error (Validation): empty.csv is empty.
[9]
$ printf 'a,a\n1,2\n' > twice.csv && coreshed upload twice.csv --by m.sato
error (Validation): twice.csv, line 1: the header names more than one column 'a'.
[9]
$ coreshed settings upload_bytes_max=1000 --by admin && coreshed upload $data/ae.csv --by m.sato
setting                    value
allow_delete               false
allow_empty                false
default_selector           active
drift_policy               reject
forbid_self_approval       false
keep_sources               true
require_schema             false
review_meanings
upload_bytes_max           1000
upload_columns_max         20000
upload_entries_max         1000
upload_ratio_max           250
upload_unpacked_bytes_max  17179869184
widening_is_additive       false
error (Validation): <any>/ae.csv is larger than the 1000 bytes that a file may have here. Send it in parts, or raise the limit (coreshed settings upload_bytes_max).
[9]
$ coreshed list --json | grep record_id | cut -c5-40
  "record_id": "demographics-7bcf032
  "record_id": "dm-corrected-c3382f0
