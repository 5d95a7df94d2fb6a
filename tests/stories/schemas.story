# A data manager writes down what demographics must be like, and files are held to it.
$ coreshed init .
Made a store at <here> (<hex>)
$ coreshed schema
No schemas. Save one: coreshed schema NAME --file FILE
$ echo '{"tables": [{"columns": [{"name": "AGE", "typ": "int64", "min": "young"}, {"name": "AGE", "type": "int65"}]}]}' > wrong.json
$ coreshed schema demographics --file wrong.json --by d.moreau
error (Validation): wrong.json: The schema has 4 faults: tables[0].columns[0].typ: there is no such key; possible are name, type, nullable, key, unique, min, max, allowed, pattern, references, description; tables[0].columns[0].type: is missing; tables[0].columns[1].type: 'int65' is no name of a type. Types are called, for example: string, int64, float64, bool, date, time(us), timestamp(us), timestamp(us,UTC), decimal(10,2); tables[0].columns[1].name: there is another column called 'AGE'.
[9]
$ cat > dm.json << 'END'
  > {"description": "Demographics of the study", "tables": [{"name": "dm", "columns": [
  >   {"name": "USUBJID", "type": "string", "key": true, "pattern": "01-[0-9]{3}-[0-9]{4}"},
  >   {"name": "AGE", "type": "int64", "nullable": false, "min": 18, "max": 100},
  >   {"name": "SEX", "type": "string", "allowed": ["M", "F"]},
  >   {"name": "RFSTDTC", "type": "date"}]}]}
  > END
$ coreshed schema demographics --file dm.json --by d.moreau -m "as in the protocol"
Schema demographics is number 1
$ coreshed schema demographics --file dm.json --by d.moreau
Schema demographics is number 1
$ coreshed schema
schema        number  tables  about
demographics  1       dm (4)  Demographics of the study

# A file with faults is refused; all of them are named.
$ cut -d, -f3,5,15,17 $data/dm.csv | head -30 | sed '4s/"[MF]"$/"X"/; 6s/,[0-9]*,/,17.5,/; 8s/$/,extra/; 10s/^"01/"1/; 12s/^[^,]*/"01-701-1023"/' > first.csv
$ head -4 first.csv
"USUBJID","RFSTDTC","AGE","SEX"
"01-701-1015","2014-01-02",63,"F"
"01-701-1023","2012-08-05",64,"M"
"01-701-1028","2013-07-19",71,"X"
$ coreshed upload first.csv --name dm --schema demographics --by m.sato
error (Validation): The data break their schema: 5 faults (allowed 1, key 1, pattern 1, too_many_fields 1, type 1). first.csv, record 3 (line 4), column SEX: 'X' is none of the values that are allowed: M, F. first.csv, record 5 (line 6), column AGE: '17.5' is no int64. first.csv, record 7 (line 8): 5 fields, but the header names 4 columns. Is a text with the delimiter in it not in quotes? first.csv, record 9 (line 10), column USUBJID: '1-701-1111' does not match the pattern 01-[0-9]{3}-[0-9]{4}. first.csv, record 11 (line 12), column USUBJID: '01-701-1023' comes twice: record 2 has the same. Mend the rows and send them again. Of an upload the good rows can be taken alone, and the others come back (--split, on_invalid).
[9]

# The good rows go in; the others come back as they were written.
$ coreshed upload first.csv --name dm --schema demographics --split --rejects mend.csv --by m.sato -m "first site"
Created dm-<hex> v1 (draft, active)
  by       m.sato, <time> UTC
  comment  first site
  first    24 rows × 4 columns
  source   first.csv, 975 B, SHA-256 <hex>…
  keeps    schema demographics, number 1
5 of 29 rows rejected: allowed 1, key 1, pattern 1, too_many_fields 1, type 1
table  record  line  column   value        rule             reason
first  3       4     SEX      X            allowed          'X' is none of the values that are
                                                            allowed: M, F.
first  5       6     AGE      17.5         type             '17.5' is no int64.
first  7       8              extra        too_many_fields  5 fields, but the header names 4
                                                            columns. Is a text with the delimiter in
                                                            it not in quotes?
first  9       10    USUBJID  1-701-1111   pattern          '1-701-1111' does not match the pattern
                                                            01-[0-9]{3}-[0-9]{4}.
first  11      12    USUBJID  01-701-1023  key              '01-701-1023' comes twice: record 2 has
                                                            the same.
$ cat mend.csv
USUBJID,RFSTDTC,AGE,SEX
01-701-1028,2013-07-19,71,X
01-701-1034,2014-07-01,17.5,F
01-701-1057,,59,F,extra
1-701-1111,2012-09-07,81,F
01-701-1023,2014-03-12,52,M
$ coreshed source dm-cde0e753dc25 --rejects - | cmp - mend.csv && coreshed info dm-cde0e753dc25 | grep -e keeps -e bound
  keeps     schema demographics, number 1
  bound to  schema demographics

# What had too many fields still has them, so it is no good row before somebody has mended it.
$ coreshed schema demographics --check mend.csv | grep extra
mend   3       4              extra       too_many_fields  5 fields, but the header names 4 columns.

# Mended, they are added: the record keeps its schema, and a key that is there is found.
$ sed 's/,X$/,F/; s/17.5/71/; s/^1-/01-/; s/^01-701-1023/01-701-9999/; s/,extra$//' mend.csv > mended.csv
$ coreshed append dm-cde0e753dc25 mended.csv --by m.sato -m "mended"
Appended to dm-<hex> v2 (draft, active)
  by       m.sato, <time> UTC
  comment  mended
  first    29 rows × 4 columns
  source   mended.csv, 154 B, SHA-256 <hex>…
  keeps    schema demographics, number 1
$ coreshed append dm-cde0e753dc25 mended.csv --by m.sato -m "twice"
error (Validation): The data break their schema: 5 faults (key 5). record 1, column USUBJID: '01-701-1028' comes twice: row 25 of those that are there already has it. record 2, column USUBJID: '01-701-1034' comes twice: row 26 of those that are there already has it. record 3, column USUBJID: '01-701-1057' comes twice: row 27 of those that are there already has it. record 4, column USUBJID: '01-701-1111' comes twice: row 28 of those that are there already has it. record 5, column USUBJID: '01-701-9999' comes twice: row 29 of those that are there already has it. Mend the rows and send them again. Of an upload the good rows can be taken alone, and the others come back (--split, on_invalid).
[9]

# A schema that is not kept: columns that it does not know, and none of the store's rules.
$ coreshed upload $data/dm.csv --name dm --overwrite --by m.sato
error (Validation): The data do not fit their schema: column 'STUDYID' is not in the schema; column 'DOMAIN' is not in the schema; column 'SUBJID' is not in the schema; column 'RFENDTC' is not in the schema; column 'RFXSTDTC' is not in the schema; column 'RFXENDTC' is not in the schema; column 'RFICDTC' is not in the schema; column 'RFPENDTC' is not in the schema; column 'DTHDTC' is not in the schema; column 'DTHFL' is not in the schema; column 'SITEID' is not in the schema; column 'BRTHDTC' is not in the schema; column 'AGEU' is not in the schema; column 'RACE' is not in the schema; column 'ETHNIC' is not in the schema; column 'ARMCD' is not in the schema; column 'ARM' is not in the schema; column 'ACTARMCD' is not in the schema; column 'ACTARM' is not in the schema; column 'COUNTRY' is not in the schema; column 'DMDTC' is not in the schema; column 'DMDY' is not in the schema; column 'ARMNRS' is not in the schema; column 'ACTARMUD' is not in the schema.
[9]
$ coreshed settings require_schema=true --by d.moreau > /dev/null && coreshed create BH-7 mended.csv --by a
error (InvalidState): This store requires that every record keeps a schema, and this one is bound to none. Name one (--schema, schema), or bind the record: coreshed bind.
[7]
$ coreshed create BH-7 mended.csv --schema demographics --by a
Created BH-7 v1 (draft, active)
  by      a, <time> UTC
  data    5 rows × 4 columns
  source  mended.csv, 154 B, SHA-256 <hex>…
  keeps   schema demographics, number 1
$ coreshed bind BH-7 none --by d.moreau -m "no person"
BH-7 keeps no schema any more
$ coreshed update BH-7 mended.csv --by a
error (InvalidState): This store requires that every record keeps a schema, and this one is bound to none. Name one (--schema, schema), or bind the record: coreshed bind.
[7]
$ coreshed log dm-cde0e753dc25
#  when (UTC)           who     did            version  and said
1  <time>  m.sato  uploaded       v1       first site
2  <time>  m.sato  appended rows  v2       mended

# The next number of the schema holds from then on; what is there stays.
$ sed 's/"max": 100/"max": 80/' dm.json > dm2.json && coreshed schema demographics --file dm2.json --by d.moreau
Schema demographics is number 2
$ coreshed schema demographics --check mended.csv
1 of 5 rows rejected: max 1
table   record  line  column  value  rule  reason
mended  4       5     AGE     81     max   '81' is above 80, the most that is possible.
[1]
$ coreshed schema --from mended.csv
{
  "tables": [
    {
      "columns": [
        {"name":"USUBJID","type":"string","nullable":false},
        {"name":"RFSTDTC","type":"date"},
        {"name":"AGE","type":"int64","nullable":false},
        {"name":"SEX","type":"string","nullable":false}
      ]
    }
  ]
}

# Two tables have a column of one name and two types, and each file is read as its table says.
$ cat > site.json << 'END'
  > {"tables": [{"name": "holes", "columns": [{"name": "code", "type": "string"}]},
  >   {"name": "logs", "columns": [{"name": "code", "type": "int16"}, {"name": "depth", "type": "decimal(6,2)"}]}]}
  > END
$ coreshed schema site --file site.json --by d.moreau > /dev/null
$ printf 'code\n01\n02\n' > holes.csv; printf 'code,depth\n7,1.5\n8,\n' > logs.csv; printf 'code,depth\n7,deep\n' > deep.csv
$ coreshed create HKZ2 holes.csv logs.csv --schema site --by a > /dev/null && coreshed read HKZ2#holes && coreshed read HKZ2#logs
HKZ2 v1 (draft, active), table holes
code
01
02
HKZ2 v1 (draft, active), table logs
code  depth
   7   1.50
   8   null
$ coreshed append HKZ2 logs=deep.csv --by a
error (Validation): The data break their schema: 1 fault (type 1). logs, record 1, column depth: 'deep' is no decimal(6,2). Mend the rows and send them again. Of an upload the good rows can be taken alone, and the others come back (--split, on_invalid).
[9]
$ coreshed append HKZ2 logs.csv --by a -m "more of one"
error (InvalidArgument): Each table needs its name where a record has several tables.
[11]
$ coreshed bind dm-cde0e753dc25 demographics --by d.moreau > /dev/null; printf 'USUBJID,RFSTDTC,AGE,SEX\n01-701-1015,,63,\n' > gaps.csv
$ coreshed drift gaps.csv dm-cde0e753dc25
No difference from the columns of dm-<hex> v2 (draft, active).
$ mkdir files; cp logs.csv files; printf 'code\n1\n' > files/holes.csv; coreshed drift files HKZ2
No difference from the columns of HKZ2 v1 (draft, active).
$ coreshed drift HKZ2 logs=logs.csv logs=deep.csv
error (InvalidArgument): Table 'logs' is given twice.
[11]
$ coreshed drift HKZ2 logs=logs.csv logs=logs.csv
error (InvalidArgument): Table 'logs' is given twice.
[11]

# Archives among several files, and a folder whose name has an ending, are read as the schema says, too.
$ cd files && python3 -m zipfile -c ../holes.zip holes.csv && cd ..
$ coreshed create HKZ3 holes.zip logs.csv --schema site --by a > /dev/null && coreshed read HKZ3#holes
HKZ3 v1 (draft, active), table holes
code
1
$ mv files k.parquet && coreshed create HKZ4 k.parquet --schema site --by a > /dev/null && coreshed drift k.parquet HKZ4
No difference from the columns of HKZ4 v1 (draft, active).
$ printf 'code\n01\n' > other.csv && python3 -m zipfile -c one.zip other.csv && cp one.zip holes.zip
$ coreshed create HKZ5 holes.zip logs.csv --schema site --by a > /dev/null && coreshed drift HKZ5 holes.zip logs.csv && coreshed read HKZ5#holes
No difference from the columns of HKZ5 v1 (draft, active).
HKZ5 v1 (draft, active), table holes
code
01

# What a schema's type does not take is left for its check, which tells all; what is taken is read as by an upload.
$ printf '{"id":1,"l":[1,2],"on":1}\n{"id":2,"l":[],"on":0}\n' > lists.jsonl
$ echo '{"tables": [{"columns": [{"name": "id", "type": "int64"}, {"name": "l", "type": "list<int64>"}, {"name": "on", "type": "bool"}]}]}' > lists.json
$ coreshed schema lists --file lists.json --by a > /dev/null && coreshed create LISTS lists.jsonl --schema lists --by a
Created LISTS v1 (draft, active)
  by      a, <time> UTC
  data    2 rows × 3 columns
  source  lists.jsonl, 49 B, SHA-256 <hex>…
  keeps   schema lists, number 1
$ coreshed drift LISTS lists.jsonl && coreshed append LISTS lists.jsonl --by a -m "twice" > /dev/null && coreshed read LISTS
No difference from the columns of LISTS v1 (draft, active).
LISTS v2 (draft, active), table data
id  l      on
 1  [1,2]  true
 2  []     false
 1  [1,2]  true
 2  []     false
$ printf 'code,depth\n70000,1\n7,deep\n8,1.555\n' > bad.csv; coreshed append HKZ5 logs=bad.csv --by a
error (Validation): The data break their schema: 3 faults (type 3). logs, record 1, column code: '70000' can't be made exactly a int16. logs, record 2, column depth: 'deep' is no decimal(6,2). logs, record 3, column depth: '1.555' is no decimal(6,2). Mend the rows and send them again. Of an upload the good rows can be taken alone, and the others come back (--split, on_invalid).
[9]

# What makes no sense together, or without a name, is said.
$ coreshed schema --file dm.json --by d.moreau
error: --file requires NAME. See coreshed schema --help.
[2]
$ coreshed schema --check mended.csv
error: --check requires NAME. See coreshed schema --help.
[2]
$ coreshed schema --number 1
error: --number requires NAME. See coreshed schema --help.
[2]
$ coreshed schema demographics --file dm.json --from mended.csv --by d.moreau
error: --file excludes --from. See coreshed schema --help.
[2]
$ coreshed schema demographics --check mended.csv --from mended.csv
error: --from excludes --check. See coreshed schema --help.
[2]
$ coreshed schema demographics --rejects mend.csv
error: --rejects requires --check. See coreshed schema --help.
[2]
$ coreshed schema demographics --check mended.csv --overwrite
error: --overwrite requires --rejects. See coreshed schema --help.
[2]
$ coreshed schema demographics --file . --by d.moreau
error (InvalidArgument): . is a folder. Name a file.
[11]
$ coreshed schema demographics --file nowhere.json --by d.moreau
error (NotFound): There is no file nowhere.json.
[3]
$ coreshed verify --seal .
error (InvalidArgument): . is a folder. Name a file.
[11]
$ coreshed verify --deep
Checked 8 records, 14 versions, 15 events, 24 files (41 kB read): no faults
