# Whatever is asked wrongly is answered with what is wrong and what there is, the right exit code, and a
# store that verifies.

$ coreshed list
$ coreshed init . > /dev/null
$ coreshed create DM $data/dm.csv --by a > /dev/null
$ coreshed create AE-EX ae=$data/ae.csv ex=$data/ex.csv --by a > /dev/null

# Unknown ids, versions, refs, tables, columns.
$ coreshed read DN
$ coreshed update DN $data/dm.csv --by a
$ coreshed read DM@v7
$ coreshed rollback DM v7 --by a
$ coreshed read DM@approved
$ coreshed read DM@nonsense
$ coreshed read DM@2020-01-01T00:00:00Z
$ coreshed read DM@sha:0123456789
$ coreshed read DM#lab
$ coreshed read AE-EX
$ coreshed export AE-EX all.csv
$ coreshed read DM -c USUBJID,AGEE
$ coreshed read DM -w "AGEE > 3"
$ coreshed read ""

# A condition is one scalar expression.
$ coreshed read DM -w "AGE >"
$ coreshed read DM -w "AGE IN (SELECT 1)"
$ coreshed read DM -w "AGE"
$ coreshed read DM -w "1 = 1; DROP TABLE x"

# Wrong status; nobody approves what was not looked at.
$ coreshed update DM $data/dm.csv --by a > /dev/null && coreshed approve DM --by b --version v1
$ coreshed approve DM --by b > /dev/null && coreshed approve DM --by c
$ coreshed reject DM --by c -m "too late"
$ coreshed update DM $data/dm.csv --by a --expect v1
$ coreshed update DM $data/dm.csv --by a > /dev/null && coreshed reject DM --by c
$ coreshed reject DM --by c -m "no" > /dev/null && coreshed rollback DM v1 --by a > /dev/null
$ coreshed rollback DM v3 --by a
$ coreshed rollback DM v3 --by a --allow-rejected | head -1
$ coreshed rollback DM three --by a

# Names that can't be.
$ coreshed create DM $data/dm.csv --by a
$ coreshed create ../x $data/dm.csv --by a
$ coreshed create "$(printf 'a\tb')" $data/dm.csv --by a
$ coreshed create "$(printf 'x%.0s' $(seq 300))" $data/dm.csv --by a
$ coreshed create "" $data/dm.csv --by a
$ coreshed create _store $data/dm.csv --by a
$ coreshed tag DM v9 --by a
$ coreshed create X $data/dm.csv --by a -a nothing

# Files that are not what they seem.
$ coreshed create X nowhere.csv --by a
$ coreshed create X . --by a
$ coreshed create X $data/HKZ1-CPT01.ags --by a
$ coreshed read DM -o dm.parquet > /dev/null && head -c 20000 dm.parquet > cut.parquet && coreshed create X cut.parquet --by a
$ cp $data/dm.csv foreign.parquet && coreshed create X foreign.parquet --by a
$ cp dm.parquet foreign.csv && coreshed create X foreign.csv --by a
$ cp $data/dm.csv foreign.arrow && coreshed create X foreign.arrow --by a
$ : > nothing.parquet && coreshed create X nothing.parquet --by a
$ (head -c 9000 dm.parquet; printf 'XXXXXXXX'; tail -c +9009 dm.parquet) > bent.parquet && coreshed create X bent.parquet --by a
$ head -1 $data/dm.csv > head.csv && coreshed create X head.csv --by a

# The command line itself.
$ coreshed aprove DM
$ coreshed approve
$ coreshed update DM $data/dm.csv --policy never --by a
$ coreshed settings drift=never --by a
$ coreshed settings drift_policy=never --by a
$ coreshed --store nowhere list
$ coreshed find 0123456789abcdef0123456789abcdef

$ coreshed list
$ coreshed verify --deep
