# AGS 4 in, a correction, AGS 4 out: section 6 of the specification, on a real file.

$ coreshed init . > /dev/null
$ coreshed create CPT01 $data/HKZ1-CPT01.ags --by a.meier > /dev/null 2>&1
$ coreshed info CPT01#HDPH | grep -E "HDPH_(ROOT|TOP|STAR|DIML)"
HDPH_TOP        float64        yes
HDPH_STAR       timestamp(us)  yes
HDPH_DIML       float64        yes
$ coreshed read CPT01#SCPT -c LOCA_ID,SCPT_DPTH,SCPT_RES,SCPT_FRES -w "SCPT_DPTH > 0.02" -n 2
CPT01 v1 (draft, active), table SCPT
LOCA_ID         SCPT_DPTH  SCPT_RES  SCPT_FRES
HKZ1-CPT01.000       0.04     0.036       null
HKZ1-CPT01.000       0.06     0.052      0.424

# All groups in their order, every value as it stood: the same bytes.
$ coreshed export CPT01 out.ags && cmp out.ags $data/HKZ1-CPT01.ags && echo the same
CPT01 v1 (draft, active), 10 tables: 2,924 rows → out.ags
the same
$ coreshed export CPT01 out.csv
error (InvalidArgument): CPT01 has several tables. Export them into a folder, or name one: CPT01#ABBR
[11]

# A corrected value is a new version without drift.
$ sed 's/"0.04","0.036"/"0.04","0.037"/' out.ags > corrected.ags
$ coreshed drift CPT01 corrected.ags 2> /dev/null
warning  corrected.ags, line 1 (and 2984 more): Rule 2a: the line does not end with CR LF.
No difference from the columns of CPT01 v1 (draft, active).
$ coreshed update CPT01 corrected.ags --by a.meier > /dev/null 2>&1
$ coreshed export CPT01 out2.ags > /dev/null && diff out.ags out2.ags | grep -c '"0.04","0.03[67]"'
2

# One group is a file, too.
$ coreshed read CPT01#PROJ -f ags 2> /dev/null | tail -3 | head -2
"UNIT","","","","","","","",""
"TYPE","ID","X","X","X","X","X","X","X"

# Other tables go out as groups, if AGS allows their names.
$ printf 'LOCA_ID,GEOL_TOP,GEOL_DATE\nBH1,1.5,2026-01-27\n' > geol.csv && coreshed create GEOL GEOL=geol.csv --by a > /dev/null
$ coreshed read GEOL -f ags 2> /dev/null | tr -d '\r'
"GROUP","GEOL"
"HEADING","LOCA_ID","GEOL_TOP","GEOL_DATE"
"UNIT","","","yyyy-mm-dd"
"TYPE","X","U","DT"
"DATA","BH1","1.5","2026-01-27"
$ printf 'depth\n1.5\n' > depth.csv && coreshed create DEPTH TOPS=depth.csv --by a > /dev/null && coreshed export DEPTH depth.ags
error (InvalidArgument): Column 'depth' of TOPS, whose name is not 1 to 9 capital letters, digits and _, can't be written as AGS (Rule 19a). Rename it, or take another format.
[11]

# What can't be read is refused with AGS's rule and the line.
$ sed 's/^"DATA","HKZ1-CPT01.000","1","0.04",/&"7",/' out.ags > bad.ags && coreshed create BAD bad.ags --by a
error (Validation): bad.ags, line 463: Rule 4: the DATA row has 12 values, but group SCPT has 11 headings. Is a quote or a comma too many?
[9]
