# Whatever is asked wrongly is answered with what is wrong and what there is, the right exit code, and a
# store that verifies.

$ coreshed list
error (NotFound): There is no store in <here> or above it. Make one with coreshed init, or name one with --store or CORESHED_STORE.
[3]
$ coreshed init . > /dev/null
$ coreshed create DM $data/dm.csv --by a > /dev/null
$ coreshed create AE-EX ae=$data/ae.csv ex=$data/ex.csv --by a > /dev/null

# Unknown ids, versions, refs, tables, columns.
$ coreshed read DN
error (NotFound): There is no record 'DN'. There are, for example: 'DM'.
[3]
$ coreshed update DN $data/dm.csv --by a
error (NotFound): There is no record 'DN'. There are, for example: 'DM'.
[3]
$ coreshed read DM@v7
error (NotFound): 'DM' has no version 7; there is only version 1.
[3]
$ coreshed rollback DM v7 --by a
error (NotFound): 'DM' has no version 7; there is only version 1.
[3]
$ coreshed read DM@approved
error (NotFound): 'DM' has no approved version; there is only version 1.
[3]
$ coreshed read DM@nonsense
error (NotFound): 'DM' has no tag 'nonsense'; there is only version 1.
[3]
$ coreshed read DM@2020-01-01T00:00:00Z
error (NotFound): 'DM' has no version that was active at 2020-01-01T00:00:00.000000Z (made <any>); there is only version 1.
[3]
$ coreshed read DM@sha:0123456789
error (NotFound): 'DM' has no version whose exact hash begins with 0123456789; there is only version 1.
[3]
$ coreshed read DM#lab
error (NotFound): 'DM' version 1 has no table 'lab'; there are: data.
[3]
$ coreshed read AE-EX
error (InvalidArgument): 'AE-EX' version 1 has several tables: ae, ex. Name one: AE-EX#ae
[11]
$ coreshed export AE-EX all.csv
error (InvalidArgument): AE-EX has several tables. Export them into a folder, or name one: AE-EX#ae
[11]
$ coreshed read DM -c USUBJID,AGEE
error (NotFound): 'DM#data' version 1 has no column 'AGEE'; there are: STUDYID, DOMAIN, USUBJID, SUBJID, RFSTDTC, RFENDTC, RFXSTDTC, RFXENDTC, RFICDTC, RFPENDTC, DTHDTC, DTHFL, SITEID, BRTHDTC, AGE, AGEU, SEX, RACE, ETHNIC, ARMCD, ARM, ACTARMCD, ACTARM, COUNTRY, DMDTC, DMDY, ARMNRS, ACTARMUD.
[3]
$ coreshed read DM -w "AGEE > 3"
error (NotFound): 'DM#data' version 1: where: there is no column 'AGEE'; there are: STUDYID, DOMAIN, USUBJID, SUBJID, RFSTDTC, RFENDTC, RFXSTDTC, RFXENDTC, RFICDTC, RFPENDTC, DTHDTC, DTHFL, SITEID, BRTHDTC, AGE, AGEU, SEX, RACE, ETHNIC, ARMCD, ARM, ACTARMCD, ACTARM, COUNTRY, DMDTC, DMDY, ARMNRS, ACTARMUD.
[3]
$ coreshed read ""
error (InvalidArgument): '' can't be a record id: it is empty. Choose another id.
[11]

# A condition is one scalar expression.
$ coreshed read DM -w "AGE >"
error (InvalidArgument): where: syntax error at or near ")". It takes one scalar expression, such as depth > 10 AND soil = 'clay'.
[11]
$ coreshed read DM -w "AGE IN (SELECT 1)"
error (InvalidArgument): where: a subquery is not allowed. It takes one scalar expression, such as depth > 10 AND soil = 'clay'.
[11]
$ coreshed read DM -w "AGE"
error (InvalidArgument): where: the expression is not true or false: AGE
[11]
$ coreshed read DM -w "1 = 1; DROP TABLE x"
error (InvalidArgument): where: syntax error at or near ";". It takes one scalar expression, such as depth > 10 AND soil = 'clay'.
[11]

# Wrong status; nobody approves what was not looked at.
$ coreshed update DM $data/dm.csv --by a > /dev/null && coreshed approve DM --by b --version v1
error (Conflict): version 1 of 'DM' is no longer the active one: version 2 is. Look at that one and decide again.
[5]
$ coreshed approve DM --by b > /dev/null && coreshed approve DM --by c
error (InvalidState): version 2 of 'DM' is approved, and only a draft can be approved. Write a new version (update) and review that.
[7]
$ coreshed reject DM --by c -m "too late"
error (InvalidState): version 2 of 'DM' is approved, and only a draft can be rejected. Write a new version (update) and review that.
[7]
$ coreshed update DM $data/dm.csv --by a --expect v1
error (Conflict): 'DM' has moved on: version 2 is active, not version 1. Nothing was changed: look at it and decide again.
[5]
$ coreshed update DM $data/dm.csv --by a > /dev/null && coreshed reject DM --by c
error (InvalidArgument): A rejection needs a reason, so that the author knows what to mend.
[11]
$ coreshed reject DM --by c -m "no" > /dev/null && coreshed rollback DM v1 --by a > /dev/null
$ coreshed rollback DM v3 --by a
error (InvalidState): version 3 was rejected. To make it active all the same, say so explicitly (--allow-rejected, allow_rejected).
[7]
$ coreshed rollback DM v3 --by a --allow-rejected | head -1
Rolled back DM to v3 (rejected, active)
$ coreshed rollback DM three --by a
error (InvalidArgument): 'three' is no version: write it as v3 or 3.
[11]

# Names that can't be.
$ coreshed create DM $data/dm.csv --by a
error (AlreadyExists): There is a record 'DM' already, with 3 versions. Update it, or choose another id.
[4]
$ coreshed create ../x $data/dm.csv --by a
error (InvalidArgument): '../x' can't be a record id: '.' and '..' are not allowed as parts of it. Choose another id.
[11]
$ coreshed create "$(printf 'a\tb')" $data/dm.csv --by a
error (InvalidArgument): 'a?b' can't be a record id: it holds a control character. Choose another id.
[11]
$ coreshed create "$(printf 'x%.0s' $(seq 300))" $data/dm.csv --by a
error (InvalidArgument): 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' can't be a record id: it is longer than 200 bytes (signs other than letters, digits, '-', '.' and '_' count three). Choose another id.
[11]
$ coreshed create "" $data/dm.csv --by a
error (InvalidArgument): '' can't be a record id: it is empty. Choose another id.
[11]
$ coreshed create _store $data/dm.csv --by a
error (InvalidArgument): '_store' can't be a record id: that name is kept for the store's own settings. Choose another id.
[11]
$ coreshed tag DM v9 --by a
error (InvalidArgument): 'v9' can't be a tag: it would read as another selector.
[11]
$ coreshed create X $data/dm.csv --by a -a nothing
error (InvalidArgument): 'nothing' is no attribute: write it as key=value.
[11]

# Files that are not what they seem.
$ coreshed create X nowhere.csv --by a
error (NotFound): There is no file nowhere.csv.
[3]
$ coreshed create X . --by a
error (Validation): . is refused: its member 'records/AE-EX/tables/ex/versions/v1.parquet' makes a table 'v1', as 'records/AE-EX/tables/ae/versions/v1.parquet' does. Rename one of them.
[9]
$ coreshed create X dm.docx --by a
error (InvalidArgument): dm.docx ends in .docx, which tells no format. Known are: .csv, .tsv, .jsonl, .ndjson, .parquet, .arrow, .ipc, .feather, .xlsx, .xlsm, .ags, .xpt, .xport, .sas7bdat, .zip. Or say what it is (--format, format).
[11]
$ coreshed read DM -o dm.parquet > /dev/null && head -c 12000 dm.parquet > cut.parquet && coreshed create X cut.parquet --by a
error (Validation): cut.parquet is cut off: it begins as a Parquet file, but its end is missing. Get it again.
[9]
$ cp $data/dm.csv foreign.parquet && coreshed create X foreign.parquet --by a
error (Validation): foreign.parquet is no Parquet file: it does not begin with PAR1.
[9]
$ cp dm.parquet foreign.csv && coreshed create X foreign.csv --by a
error (Validation): foreign.csv, line 1: not UTF-8. Save the file as UTF-8; or is it no text file?
[9]
$ cp $data/dm.csv foreign.arrow && coreshed create X foreign.arrow --by a
error (Validation): foreign.arrow is no Arrow IPC file or stream: a batch takes more than 1074065848 bytes of memory
[9]
$ : > nothing.parquet && coreshed create X nothing.parquet --by a
error (Validation): nothing.parquet is empty.
[9]
$ (head -c 9000 dm.parquet; printf 'XXXXXXXX'; tail -c +9009 dm.parquet) > bent.parquet && coreshed create X bent.parquet --by a
error (Validation): bent.parquet is a damaged Parquet file: could not verify page integrity, CRC checksum verification failed for page_ordinal 0
[9]
$ head -1 $data/dm.csv > head.csv && coreshed create X head.csv --by a
error (Validation): Table 'data' has no rows. If that is meant, allow it for this write (--allow-empty, allow_empty).
[9]

# The command line itself.
$ coreshed aprove DM
error: There is no verb 'aprove': did you mean approve? See coreshed --help.
[2]
$ coreshed approve
error: ID is required. See coreshed approve --help.
[2]
$ coreshed update DM $data/dm.csv --policy never --by a
error: --policy: never not in {reject,warn,allow}. See coreshed update --help.
[2]
$ coreshed settings drift=never --by a
error (InvalidArgument): 'drift' is no setting; there are: allow_delete, allow_empty, default_selector, drift_policy, forbid_self_approval, keep_sources, require_schema, review_meanings, upload_bytes_max, upload_columns_max, upload_entries_max, upload_ratio_max, upload_unpacked_bytes_max, widening_is_additive.
[11]
$ coreshed settings drift_policy=never --by a
error (InvalidArgument): 'never' is no value for drift_policy: it takes reject, warn or allow.
[11]
$ coreshed --store nowhere list
error (NotFound): There is no folder <here>/nowhere.
[3]
$ coreshed find 0123456789abcdef0123456789abcdef
No version has this content (<hex>).

$ coreshed list
record  active  status     rows  tables  last event (UTC)     by  about
AE-EX   v1      draft     1,782  ae, ex  <time>  a
DM      v3      rejected    306  data    <time>  a
$ coreshed verify --deep
Checked 2 records, 4 versions, 11 events, 3 files (89 kB read): no faults

# A file that isn't there, named before its record.
$ coreshed drift nofile.csv nobody
error (NotFound): There is no file nofile.csv, and no record that is called so.
[3]
$ coreshed drift files/nofile nobody
error (NotFound): There is no file files/nofile, and no record that is called so.
[3]
$ coreshed drift nobody nofile.csv
error (NotFound): There is no record 'nobody'. There are, for example: 'AE-EX', 'DM'.
[3]
