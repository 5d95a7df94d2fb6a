# What goes in as CSV, Parquet, Arrow or through a pipe comes out as any of them, with the same types.

$ coreshed init . > /dev/null
$ coreshed create DM $data/dm.csv --by a > /dev/null
$ coreshed read DM -o dm.parquet
DM v1 (draft, active), table data: 306 rows → dm.parquet
$ coreshed read DM -o dm.arrow
DM v1 (draft, active), table data: 306 rows → dm.arrow
$ coreshed read DM -o dm.csv
DM v1 (draft, active), table data: 306 rows → dm.csv
$ coreshed create DM-parquet dm.parquet --by a | tail -2
  data    306 rows × 28 columns
  source  dm.parquet, 19 kB, SHA-256 <hex>…
$ coreshed create DM-arrow dm.arrow --by a | tail -2
  data    306 rows × 28 columns
  source  dm.arrow, 81 kB, SHA-256 <hex>…
$ coreshed create DM-csv dm.csv --by a | tail -2
  data    306 rows × 28 columns
  source  dm.csv, 65 kB, SHA-256 <hex>…
$ coreshed find dm.parquet
record      version  status
DM          v1 *     draft
DM-arrow    v1 *     draft
DM-csv      v1 *     draft
DM-parquet  v1 *     draft

# Through pipes; what was read is told beside the data.
$ coreshed read DM -f csv -n 2 -c USUBJID,AGE,RFSTDTC
USUBJID,AGE,RFSTDTC
01-701-1015,63,2014-01-02
01-701-1023,64,2012-08-05
DM v1 (draft, active), table data: 2 rows
$ coreshed read DM -f csv 2> /dev/null | coreshed create DM-pipe - --by a | head -1
Created DM-pipe v1 (draft, active)
$ coreshed read DM -f arrow 2> /dev/null | coreshed create DM-stream - --by a | head -1
Created DM-stream v1 (draft, active)
$ coreshed read DM -f parquet 2> /dev/null | coreshed create DM-parquet-pipe - --by a | head -1
Created DM-parquet-pipe v1 (draft, active)
$ coreshed find dm.csv
record           version  status
DM               v1 *     draft
DM-arrow         v1 *     draft
DM-csv           v1 *     draft
DM-parquet       v1 *     draft
DM-parquet-pipe  v1 *     draft
DM-pipe          v1 *     draft
DM-stream        v1 *     draft

# JSON, for programs.
$ coreshed read DM -n 1 -c USUBJID,AGE,RFSTDTC,DTHDTC --json
{
  "record_id": "DM",
  "version": 1,
  "status": "draft",
  "active": true,
  "exact_hash": "<hex>",
  "event_type": "create",
  "table": "data",
  "columns": [
    {
      "name": "USUBJID",
      "type": "string",
      "nullable": true
    },
    {
      "name": "AGE",
      "type": "int64",
      "nullable": true
    },
    {
      "name": "RFSTDTC",
      "type": "date",
      "nullable": true
    },
    {
      "name": "DTHDTC",
      "type": "date",
      "nullable": true
    }
  ],
  "rows": [
    {"USUBJID":"01-701-1015","AGE":63,"RFSTDTC":"2014-01-02","DTHDTC":null}
  ],
  "row_count": 1
}
$ coreshed list --status approved --json
{
  "records": []
}
$ coreshed approve DM --by b --json | python3 -c 'import json, sys; v = json.load(sys.stdin); print(v["status"], v["review"]["by"])'
approved b
$ coreshed log DM --json | python3 -c 'import json, sys; print([e["event_type"] for e in json.load(sys.stdin)["events"]])'
['create', 'approve']
$ coreshed verify --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["ok"])'
True
$ coreshed read NOPE --json 2>&1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["error"]["kind"])'
NotFound

# A file that is there is not written over unasked.
$ coreshed export DM dm.csv
error (AlreadyExists): dm.csv exists already. Choose another place, or use --overwrite.
[4]
$ coreshed export DM dm.csv --overwrite
DM v1 (approved, active), table data: 306 rows → dm.csv
$ coreshed export DM dm.xlsx
error (Unsupported): dm.xlsx: excel files are read, not written. Written are csv, parquet, arrow, ags.
[13]

# Who looks only at the beginning is left in peace.
$ coreshed read DM --all | head -1
DM v1 (approved, active), table data

# What a terminal would obey is shown, not done.
$ printf 'name,note\n\033[31mred,"two\nlines"\nright\342\200\256left,NA\n' | coreshed create ODD - --by "$(printf 'me\033[2J')" -m "$(printf 'a\tb')"
Created ODD v1 (draft, active)
  by       me␛[2J, <time> UTC
  comment  a␉b
  data     2 rows × 2 columns
  source   standard input, 47 B, SHA-256 <hex>…
$ coreshed read ODD
ODD v1 (draft, active), table data
name             note
␛[31mred         two␊lines
right\u202eleft  NA
$ coreshed log ODD
#  when (UTC)           who     did      version  and said
1  <time>  me␛[2J  created  v1       a␉b

# An empty answer is an answer.
$ coreshed read DM -w "AGE > 200" -c USUBJID,AGE
DM v1 (approved, active), table data
USUBJID  AGE
$ coreshed read DM -w "AGE > 200" -c USUBJID,AGE -f csv
USUBJID,AGE
DM v1 (approved, active), table data: 0 rows
