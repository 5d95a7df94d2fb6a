# A clinical analyst keeps three tables as one record: they change together.

$ coreshed init .
Made a store at <here> (<hex>)
$ coreshed create PILOT dm=$data/dm.csv ae=$data/ae.csv ex=$data/ex.csv --by m.sato -m "first cut" --name "CDISC pilot"
Created PILOT v1 (draft, active)
  by       m.sato, <time> UTC
  comment  first cut
  ae       1,191 rows × 35 columns
  dm       306 rows × 28 columns
  ex       591 rows × 17 columns
$ coreshed info PILOT#ex
PILOT v1 (draft, active)
  name      CDISC pilot
  by        m.sato, <time> UTC
  comment   first cut
  ae        1,191 rows × 35 columns
  dm        306 rows × 28 columns
  ex        591 rows × 17 columns
  versions  1 version, v1 active, last event <time> UTC by m.sato
  hash      <hex>
  content   <hex>
<blank>
column of ex  type    null
STUDYID       string  yes
DOMAIN        string  yes
USUBJID       string  yes
EXSEQ         int64   yes
EXTRT         string  yes
EXDOSE        int64   yes
EXDOSU        string  yes
EXDOSFRM      string  yes
EXDOSFRQ      string  yes
EXROUTE       string  yes
VISITNUM      int64   yes
VISIT         string  yes
VISITDY       int64   yes
EXSTDTC       date    yes
EXENDTC       date    yes
EXSTDY        int64   yes
EXENDY        int64   yes
$ coreshed read PILOT
error (InvalidArgument): 'PILOT' version 1 has several tables: ae, dm, ex. Name one: PILOT#ae
[11]
$ coreshed read PILOT#dm -w "AGE > 88" -c USUBJID,AGE,SEX,RFSTDTC
PILOT v1 (draft, active), table dm
USUBJID      AGE  SEX  RFSTDTC
01-705-1058   89  M    null
01-710-1083   89  F    2013-07-22
01-710-1376   89  F    null

# A later cut lost a column. That is seen before anything is written, and refused when it is.
$ cut -d, -f1-13,15- $data/dm.csv > dm.csv
$ coreshed drift PILOT dm.csv ae=$data/ae.csv ex=$data/ex.csv
Against PILOT v1 (draft, active) the columns differ: breaking
  dm: column BRTHDTC removed (date)
$ coreshed update PILOT dm.csv ae=$data/ae.csv ex=$data/ex.csv --by m.sato
error (SchemaDrift): The columns differ from version 1 of 'PILOT' in a way that breaks what reads them: dm: column BRTHDTC removed (date). If that is meant, allow it for this write (--allow-breaking, allow_breaking), name renamed columns (--rename old=new), or change the drift policy (coreshed policy).
[8]
$ coreshed update PILOT dm.csv ae=$data/ae.csv ex=$data/ex.csv --by m.sato --allow-breaking -m "birth dates taken out for privacy"
Updated PILOT v2 (draft, active)
  by       m.sato, <time> UTC
  comment  birth dates taken out for privacy
  ae       1,191 rows × 35 columns
  dm       306 rows × 27 columns
  ex       591 rows × 17 columns
  schema   dm: column BRTHDTC removed (date)

# A renamed column is one when it is said.
$ sed '1s/BRTHDTC/BIRTH/' $data/dm.csv > renamed.csv
$ coreshed rollback PILOT v1 --by m.sato
Rolled back PILOT to v1 (draft, active)
  by       m.sato
  written  by m.sato, <time> UTC: first cut
$ coreshed drift PILOT dm=renamed.csv ae=$data/ae.csv ex=$data/ex.csv
Against PILOT v1 (draft, active) the columns differ: breaking
  dm: column BRTHDTC removed (date)
  dm: column BIRTH added (date)
  dm: column BRTHDTC may have been renamed to BIRTH
$ coreshed drift PILOT dm=renamed.csv ae=$data/ae.csv ex=$data/ex.csv --rename BRTHDTC=BIRTH
Against PILOT v1 (draft, active) the columns differ: none
  dm: column BRTHDTC renamed to BIRTH

# Late events are added to one table; the others stay.
$ (head -1 $data/ae.csv; tail -2 $data/ae.csv) > late.csv
$ coreshed append PILOT ae=late.csv --by m.sato -m "two late events"
Appended to PILOT v3 (draft, active)
  by       m.sato, <time> UTC
  comment  two late events
  ae       1,193 rows × 35 columns
  dm       306 rows × 28 columns
  ex       591 rows × 17 columns
  source   late.csv, 915 B, SHA-256 <hex>…
$ coreshed log PILOT
#  when (UTC)           who     did                  version  and said
1  <time>  m.sato  created              v1       first cut
2  <time>  m.sato  tried to update               refused: dm: column BRTHDTC removed
                                                              (date)
3  <time>  m.sato  updated              v2       birth dates taken out for privacy; (1
                                                              breaking change of the schema)
4  <time>  m.sato  rolled back from v2  v1
5  <time>  m.sato  appended rows        v3       two late events
$ coreshed approve PILOT --by r.lind --meaning reviewed
Approved PILOT v3 (approved, active)
  by       r.lind, <time> UTC
  meaning  reviewed
$ coreshed export PILOT@approved . -f csv
error (AlreadyExists): ./dm.csv exists already. Choose another place, or use --overwrite.
[4]
$ mkdir csv && coreshed export PILOT@approved csv -f csv
PILOT v3 (approved, active), table ae: 1,193 rows → csv/ae.csv
PILOT v3 (approved, active), table dm: 306 rows → csv/dm.csv
PILOT v3 (approved, active), table ex: 591 rows → csv/ex.csv
$ wc -l csv/*.csv
  1194 csv/ae.csv
   307 csv/dm.csv
   592 csv/ex.csv
  2093 total
$ coreshed export PILOT@approved out/ && ls out
PILOT v3 (approved, active), table ae: 1,193 rows → out/ae.parquet
PILOT v3 (approved, active), table dm: 306 rows → out/dm.parquet
PILOT v3 (approved, active), table ex: 591 rows → out/ex.parquet
ae.parquet
dm.parquet
ex.parquet
$ coreshed verify --deep
Checked 1 record, 3 versions, 6 events, 9 files (264 kB read): no faults
