# What scripts and slips of the pen make of a command line: nothing is done that was not meant.

$ coreshed init . > /dev/null && printf 'a,b\n1,x\n2,y\n' > a.csv && coreshed create X a.csv --by a > /dev/null

# A variable that is not set is not the same as an option that is not given.
$ coreshed approve X --by b --version "$LOOKED_AT"
error: --version has an empty value. Give it one, or leave it out.
[2]
$ coreshed update X a.csv --by a --expect "$EXPECTED"
error: --expect has an empty value. Give it one, or leave it out.
[2]
$ coreshed update X a.csv --by "$USER_OF_THE_SCRIPT"
error: --by has an empty value. Give it one, or leave it out.
[2]
$ coreshed --store "$STORE" list
error: --store has an empty value. Give it one, or leave it out.
[2]
$ coreshed read X -w "$CONDITION"
error: --where has an empty value. Give it one, or leave it out.
[2]
$ coreshed init "$FOLDER"
error: PLACE: an empty value. See coreshed init --help.
[2]
$ coreshed update X a.csv --by a -m "" | head -1
Updated X v2 (draft, active)

# Numbers that are none.
$ coreshed --timeout -1 list
error: --timeout: '-1' is no number from 0 to 1,000,000. See coreshed list --help.
[2]
$ coreshed --timeout nan list
error: --timeout: 'nan' is no number from 0 to 1,000,000. See coreshed list --help.
[2]
$ coreshed vacuum --grace 1e30
error: --grace: '1e30' is no number from 0 to 1,000,000. See coreshed vacuum --help.
[2]
$ coreshed read X -n -5
error: --limit: '-5' is no number from 0 to 1,000,000,000,000,000. See coreshed read --help.
[2]
$ coreshed log X --limit 99999999999999999999
error: --limit: '99999999999999999999' is no number from 0 to 1,000,000,000,000,000. See coreshed log --help.
[2]
$ coreshed read X@v99999999999999999999
error (NotFound): 'X' has no version 9223372036854775807; there are versions 1 to 2.
[3]
$ coreshed read X@2026-01-01
error (NotFound): 'X' has no tag '2026-01-01' (a time is written 2026-01-27T10:00:00Z); there are versions 1 to 2.
[3]

# Twice, or of nothing.
$ coreshed attributes X site=a site=b --by a
error (InvalidArgument): 'site' is given twice: which is meant?
[11]
$ coreshed attributes X site= --by a
Nothing to change: X has these already.
X has no attributes.
$ coreshed update X a.csv --by a --rename a=depth
error (InvalidArgument): 'a' can't have been renamed to 'depth': there is no column 'depth' in what is written.
[11]
$ coreshed append X a.csv --by a --rename a=b
error: The following argument was not expected: --rename. See coreshed append --help.
[2]
$ coreshed update X - - --by a
error (InvalidArgument): Standard input can be read only once.
[11]
$ coreshed update X t= --by a
error (InvalidArgument): 't=' names no file.
[11]
$ coreshed verify --public-key a.csv
error: --public-key requires --seal. See coreshed verify --help.
[2]
$ coreshed verify --seal a.csv
error (Validation): That is no seal: its first line is not readable JSON.
[9]
$ coreshed verify --seal nowhere
error (NotFound): There is no file nowhere.
[3]
$ coreshed find 0123abc
error (InvalidArgument): '0123abc' is no file, and no content hash, which has 32 hex digits.
[11]
$ coreshed find "$(coreshed info X --json | grep -m 1 '    "duplicate_hash"' | cut -d'"' -f4 | tr a-f A-F)" | head -2
record  version  status
X       v1       draft
$ coreshed export X delivery
error (InvalidArgument): delivery is no folder, and has no ending that tells a format. Write delivery/ for a new folder, or name a file such as delivery.csv.
[11]
$ ln -s nowhere link && coreshed init link
error (InvalidArgument): <here>/link is a link that leads to nothing. Remove it, or make the folder that it leads to.
[11]
$ mkdir gone && cd gone && rmdir ../gone && coreshed list
error (NotFound): The current folder is gone. Go to another, or name a store with --store.
[3]
$ mkdir gone && cd gone && rmdir ../gone && coreshed init
error (NotFound): The current folder is gone. Go to another.
[3]

# An event id speaks of one call.
$ coreshed update X a.csv --by a --event-id 0123456789abcdef0123456789abcdef | head -1
Updated X v3 (draft, active)
$ coreshed approve X --by b --event-id 0123456789abcdef0123456789abcdef
error (InvalidArgument): The event id <hex> was given to another call before: event 3 of 'X' is of the type update. Nothing was changed: each call needs an id of its own.
[11]
$ coreshed update X a.csv --by a --event-id 0123456789abcdef0123456789abcdef
Updated X v3 (draft, active)
  by       a, <time> UTC
  data     2 rows × 2 columns
  source   a.csv, 12 B, SHA-256 <hex>…
  content  the same as v2
  warning  an earlier call with this event id had done it already

# Standard input, output and error may be closed; no file of the store takes their place.
$ coreshed create Y - --by a <&-
error (Validation): standard input is empty.
[9]
$ coreshed list >&-
error (Io): The answer can't be written to standard output: Bad file descriptor.
[12]
$ coreshed update X a.csv --by a >&- 2>&-
[12]
$ coreshed update X a.csv --by a > /dev/full
error (Io): The answer can't be written to standard output: No space left on device. What was asked for is done: only its answer is lost.
[12]
$ coreshed verify --deep
Checked 1 record, 5 versions, 5 events, 1 file (1.1 kB read): no faults
$ coreshed read X | true
$ coreshed log X | tail -2
4  <time>  a    updated  v4       (the same content as v3)
5  <time>  a    updated  v5       (the same content as v4)

# Machines get JSON, and nothing beside it.
$ coreshed read X -o rows.csv --json
{
  "record_id": "X",
  "version": 5,
  "status": "draft",
  "active": true,
  "exact_hash": "<hex>",
  "event_type": "update",
  "table": "data",
  "columns": [
    {
      "name": "a",
      "type": "int64",
      "nullable": true
    },
    {
      "name": "b",
      "type": "string",
      "nullable": true
    }
  ],
  "file": "rows.csv",
  "row_count": 2
}
$ coreshed read X -f csv --json
a,b
1,x
2,y
$ coreshed seal -o store.seal --json && coreshed seal -o store.seal --json
{
  "file": "store.seal"
}
{
  "error": {
    "kind": "AlreadyExists",
    "message": "store.seal exists already, and a seal is never overwritten.",
    "fields": {
      "file": "store.seal"
    }
  }
}
[4]

# The store's default does not decide what an update is compared with.
$ coreshed approve X --by b > /dev/null && printf 'a,b,c\n1,x,007\n' > wider.csv && coreshed update X wider.csv --by a | head -1
Updated X v6 (draft, active)
$ coreshed settings default_selector=approved --by owner > /dev/null && coreshed drift X wider.csv
No difference from the columns of X v6 (draft, active).
$ printf 'a,b,c\n1,x,7\n' > wider.csv && coreshed update X wider.csv --by a
Updated X v7 (draft, active)
  by      a, <time> UTC
  data    1 row × 3 columns
  source  wider.csv, 12 B, SHA-256 <hex>…

# What a terminal would obey is shown, not sent.
$ coreshed create $'left\xe2\x80\xaeright' a.csv --by $'\x1b[2Jx' | head -1
Created left\u202eright v1 (draft, active)
$ coreshed attributes $'left\xe2\x80\xaeright' k=v --by $'\x1b[2Jx'
Changed left\u202eright, by ␛[2Jx
attribute  value
k          v

# Thousands of columns.
$ python3 -c 'n = 5000; print(",".join(f"c{i}" for i in range(n))); print(",".join(str(i) for i in range(n)))' > wide.csv
$ coreshed create WIDE wide.csv --by a | grep columns
  data    1 row × 5,000 columns
$ coreshed read WIDE@active -c c7,c4999
WIDE v1 (draft, active), table data
c7  c4999
 7   4999
$ coreshed read WIDE@active -c d7
error (NotFound): 'WIDE#data' version 1 has no column 'd7'; there are: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33, c34, c35, c36, c37, c38, c39, c40, c41, c42, c43, c44, c45, c46, c47, c48, c49, and 4950 more.
[3]
