# How CSV files are read: section 6 of the specification, told on small files.

$ coreshed init . > /dev/null

$ printf 'whole,fraction,day,time,moment,truth,text\n1,1.50,2026-01-27,10:30:00,2026-01-27 10:30:00,true,x\n-7,2,2026-01-28,11:00:00,2026-01-28 11:00:00,FALSE,y\n' > types.csv
$ coreshed create TYPES types.csv --by a > /dev/null && coreshed info TYPES | tail -8
column    type           null
whole     int64          yes
fraction  float64        yes
day       date           yes
time      time(us)       yes
moment    timestamp(us)  yes
truth     bool           yes
text      string         yes

# What would not be written back the same stays text.
$ printf 'big,code,mixed,yes\n99999999999999999999,007,2026-01-27,yes\n1,008,2026-01,no\n' > text.csv
$ coreshed create TEXT text.csv --by a > /dev/null && coreshed info TEXT | tail -5
column  type    null
big     string  yes
code    string  yes
mixed   string  yes
yes     string  yes

# NA without quotes is null among numbers, and everywhere if the file quotes its text; with quotes it is text.
$ printf 'n,country\n1,NA\nNA,NO\n' > na.csv && coreshed create NA1 na.csv --by a > /dev/null && coreshed read NA1
NA1 v1 (draft, active), table data
   n  country
   1  NA
null  NO
$ printf '"n","country"\n1,NA\nNA,"NO"\n3,"NA"\n' > na.csv && coreshed create NA2 na.csv --by a > /dev/null && coreshed read NA2
NA2 v1 (draft, active), table data
   n  country
   1  null
null  NO
   3  NA

# A type may be given by column; then every value has to fit.
$ printf 'code,depth,n\n12,1.50,7\n13,2.255,8\n' > given.csv && coreshed create GIVEN given.csv --by a --type code=string --type "depth=decimal(8,3)" --type n=int16 > /dev/null && coreshed info GIVEN | tail -4
column  type          null
code    string        yes
depth   decimal(8,3)  yes
n       int16         yes
$ coreshed read GIVEN -f csv
code,depth,n
12,1.500,7
13,2.255,8
GIVEN v1 (draft, active), table data: 2 rows
$ coreshed create GIVEN2 given.csv --by a --type "depth=decimal(8,2)"
error (Validation): reading given.csv: row 2: '2.255' is no decimal(8,2), which column 'depth' must be
[9]
$ coreshed create GIVEN2 given.csv --by a --type deep=string
error (InvalidArgument): No file has a column 'deep', for which a type is given (--type, types).
[11]
$ coreshed create GIVEN2 given.csv --by a --type n=int
error (InvalidArgument): 'int' is no name of a type. Types are called, for example: string, int64, float64, bool, date, time(us), timestamp(us), timestamp(us,UTC), decimal(10,2).
[11]

# What is written over a version has its types where they fit: no drift, also where no CSV file would have them by itself.
$ printf 'code,depth,n\n12,1.50,7\n13, NA,9\n' > given.csv && coreshed drift GIVEN given.csv
No difference from the columns of GIVEN v1 (draft, active).
$ printf 'n,depth,code\n10,3,NA\n' > more.csv && coreshed append GIVEN more.csv --by a > /dev/null && coreshed read GIVEN -f csv
code,depth,n
12,1.500,7
13,2.255,8
"NA",3.000,10
GIVEN v2 (draft, active), table data: 3 rows
$ printf 'code,depth,n\n12,1.50,70000\n' > given.csv && coreshed drift GIVEN given.csv
Against GIVEN v2 (draft, active) the columns differ: breaking
  data: column n retyped int16 → int64 (widening)

# Commas, quotes and line breaks within quotes survive; a short row has nulls at its end.
$ printf 'a,b,c\n"x, y","say ""hi""","1\n2"\n3\n' | coreshed create QUOTES - --by a > /dev/null && coreshed read QUOTES
QUOTES v1 (draft, active), table data
a     b         c
x, y  say "hi"  1␊2
3     null      null

# A byte-order mark is no part of a name; an empty header gets a placeholder.
$ printf '\357\273\277a,,c\n1,2,3\n' | coreshed create BOM - --by a > /dev/null && coreshed read BOM
BOM v1 (draft, active), table data
a  column2  c
1        2  3

# What can't be read is told with its line, and nothing is stored.
$ printf 'a,b,a\n1,2,3\n' > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): bad.csv, line 1: the header names more than one column 'a'.
[9]
$ printf 'a,b\n1,2\n1,2,3\n' > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): bad.csv, line 3: 3 fields, but the header names 2 columns. Is a text with the delimiter in it not in quotes?
[9]
$ printf 'a,b\n1,"2\n3,4\n' > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): bad.csv, line 2: a quote is opened here and never closed.
[9]
$ printf 'a,b\n1,\351\n' > bad.csv && coreshed create BAD bad.csv --by a --encoding utf-8
error (Validation): bad.csv, line 2: not UTF-8. Save the file as UTF-8; or is it no text file?
[9]
$ printf 'a,b\n\303\251,1\n2,\351\n' > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): bad.csv, line 3: not UTF-8, though other text in the file is. It is damaged; or say that it is Latin-1 (--encoding latin-1, encoding).
[9]
$ : > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): bad.csv is empty.
[9]
$ printf 'a,b\n' > bad.csv && coreshed create BAD bad.csv --by a
error (Validation): Table 'data' has no rows. If that is meant, allow it for this write (--allow-empty, allow_empty).
[9]
$ printf 'a,b\n' > bad.csv && coreshed create EMPTY bad.csv --by a --allow-empty | head -1
Created EMPTY v1 (draft, active)
$ coreshed list
record  active  status  rows  tables  last event (UTC)     by  about
BOM     v1      draft      1  data    <time>  a
EMPTY   v1      draft      0  data    <time>  a
GIVEN   v2      draft      3  data    <time>  a
NA1     v1      draft      2  data    <time>  a
NA2     v1      draft      3  data    <time>  a
QUOTES  v1      draft      2  data    <time>  a
TEXT    v1      draft      2  data    <time>  a
TYPES   v1      draft      2  data    <time>  a
$ coreshed verify --deep
Checked 8 records, 9 versions, 9 events, 8 files (13 kB read): no faults
