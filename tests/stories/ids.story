# An id may hold any sign. Where a record is meant, it is written as it is; in a ref '@', '#' and '%' are
# written %40, %23, %25.

$ coreshed init . > /dev/null
$ coreshed create 'who@where#what 100%' $data/ex.csv --by a > /dev/null && coreshed create "O'Brien \"7\"" $data/ex.csv --by a > /dev/null
$ coreshed approve 'who@where#what 100%' --by b | head -1
Approved who@where#what 100% v1 (approved, active)
$ coreshed attributes 'who@where#what 100%' site=HKZ1 --by b
Changed who@where#what 100%, by b
attribute  value
site       HKZ1
$ coreshed attributes 'who@where#what 100%'
attribute  value
site       HKZ1
$ coreshed log 'who@where#what 100%'
#  when (UTC)           who  did             version  and said
1  <time>  a    created         v1
2  <time>  b    approved        v1
3  <time>  b    set attributes           site=HKZ1
$ coreshed versions 'who@where#what 100%'
version  status    rows  written (UTC)        by  reviewed by  comment
v1 *     approved   591  <time>  a   b
$ coreshed verify 'who@where#what 100%'
Checked 1 record, 1 version, 3 events, 1 file (0 B read): no faults
$ coreshed info 'who%40where%23what 100%25#data' | head -2
who@where#what 100% v1 (approved, active)
  attributes  site=HKZ1
$ coreshed info --raw 'who%40where%23what 100%25@v1#data' | head -c 0; echo $?
0
$ coreshed read 'who%40where%23what 100%25' -c EXSEQ -n 1
who@where#what 100% v1 (approved, active), table data
EXSEQ
    1
$ coreshed log BH-7@v3
error (NotFound): There is no record 'BH-7@v3'. There are, for example: 'O'Brien "7"', 'who@where#what 100%'.
[3]
$ coreshed tag "O'Brien \"7\"" freeze --by a | head -1
Tagged O'Brien "7" v1 (draft, active) as freeze

# One letter, written in two ways, is one id.
$ coreshed create $'Su\xcc\x88d' $data/ex.csv --by a | head -1
Created Süd v1 (draft, active)
$ coreshed log $'S\xc3\xbcd' | tail -1
1  <time>  a    created  v1
$ coreshed verify $'Su\xcc\x88d'
Checked 1 record, 1 version, 1 event, 1 file (0 B read): no faults
