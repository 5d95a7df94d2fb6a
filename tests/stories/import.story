# Before Coreshed, a study group kept each data set as JSON beside CSV, and a site office kept its logs in folders.

$ mkdir -p old/records/BH-7/versions && cd old && cp $data/dm.csv dm_v1.csv && sed '2s/,63,/,64,/' $data/dm.csv > dm_v2.csv && cp $data/ex.csv EX.csv
$ cd old && printf '{"dataset_name": "Demographics", "study": "CDISCPILOT01", "current_version": 2, "status": "approved", "history": [{"event_type": "upload", "version": 1, "user": "m.sato", "timestamp": "2024-03-01T09:15:00Z", "comment": "first cut"}, {"event_type": "overwrite", "version": 2, "user": "m.sato", "timestamp": "2024-03-04T16:40:00Z", "comment": "an age corrected"}, {"event_type": "approve", "version": 2, "user": "r.lind", "timestamp": "2024-03-05T08:00:00Z", "comment": "checked against the forms"}]}' > dm.json
$ cd old && printf '{"created_by": "n.ito", "created_at": "2024-03-02 11:00:00", "status": "draft", "columns": ["STUDYID", "EXDOSE"]}' > EX.json
$ coreshed init made > /dev/null && printf 'depth,soil\n1.5,CLAY\n' > log.csv && coreshed --store made create x log.csv --by x > /dev/null && coreshed --store made read x -o old/records/BH-7/versions/v1.parquet > /dev/null && cp old/records/BH-7/versions/v1.parquet old/records/BH-7/versions/v2.parquet
$ cd old/records/BH-7 && printf '{"record_id": "site/BH-7", "table_name": "log", "current_version": 1, "status": "draft", "created_by": "a.meier", "created_at": "2023-11-20T15:37:12Z", "history": [{"event_type": "create", "version": 1, "user_id": "a.meier", "timestamp": "2023-11-20T15:37:12Z"}, {"event_type": "update", "version": 2, "user_id": "a.meier", "timestamp": "2023-11-21T15:37:12Z"}, {"event_type": "reject", "version": 2, "user_id": "k.brandt", "timestamp": "2023-11-22T10:00:00Z", "comment": "nothing changed"}, {"event_type": "rollback", "version": 1, "user_id": "k.brandt", "timestamp": "2023-11-22T10:01:00Z"}]}' > metadata.json

# All of it comes in, with who, when and why.
$ coreshed init . > /dev/null && coreshed import old --by j.ruiz
Imported 3 records of 3, with 5 versions and 8 events; all was read back
  note: 'EX': times without a zone were taken as UTC
  note: 'EX': not kept: columns
  note: 'EX': it has no history: its events were made from its fields

$ coreshed list
record     active  status    rows  tables  last event (UTC)     by        about
EX         v1      draft      591  data    <time>  n.ito
dm         v2      approved   306  data    <time>  r.lind    Demographics,
                                                                          study=CDISCPILOT01
site/BH-7  v1      draft        1  log     <time>  k.brandt

$ coreshed log dm
#  when (UTC)           who     did               version  and said
1  <time>  m.sato  uploaded          v1       first cut; (imported by j.ruiz)
2  <time>  m.sato  uploaded over it  v2       an age corrected; (imported by j.ruiz)
3  <time>  r.lind  approved          v2       checked against the forms; (imported by
                                                           j.ruiz)

$ coreshed log site/BH-7
#  when (UTC)           who       did                  version  and said
1  <time>  a.meier   created              v1       (imported by j.ruiz)
2  <time>  a.meier   updated              v2       (the same content as v1); (imported
                                                                by j.ruiz)
3  <time>  k.brandt  rejected             v2       nothing changed; (imported by
                                                                j.ruiz)
4  <time>  k.brandt  rolled back from v2  v1       (imported by j.ruiz)

$ coreshed read dm@v1 -n 1 -c USUBJID,AGE
dm v1 (draft), table data
USUBJID      AGE
01-701-1015   63

# Every event says that it was told, and by whom it was brought here.
$ coreshed log EX --json | grep -E 'imported|"time"'
      "time": "2024-03-02T11:00:00.000000Z",
        "imported_at": "<any>",
        "imported_by": "j.ruiz",

# Once more, nothing changes; what the group did meanwhile is added.
$ coreshed import old --by j.ruiz
Nothing to import: 3 records had been imported before; all was read back
  note: 'EX': times without a zone were taken as UTC
  note: 'EX': not kept: columns
  note: 'EX': it has no history: its events were made from its fields

$ cd old && sed -i 's/"draft"/"approved", "approved_by": "r.lind", "approved_at": "2024-03-09T08:00:00Z"/' EX.json && cd .. && coreshed import old --by j.ruiz | head -1
Imported 1 record of 3, with 0 versions and 1 event; 2 records had been imported before; all was read back

# What contradicts itself is named, and the rest comes in.
$ cd old && cp EX.csv AE.csv && printf '{"status": "approved", "current_version": 4}' > AE.json && printf 'x' > stray.csv && ln -s /etc/passwd L.csv && printf '{}' > L.json && cd .. && coreshed import old --by j.ruiz
Imported 0 records of 5, with 0 versions and 0 events; 3 records had been imported before
  note: 'EX': times without a zone were taken as UTC
  note: 'EX': not kept: columns
  note: 'EX': it has no history: its events were made from its fields
  note: 'L': it has no history: its events were made from its fields
  note: 'L': nobody is named ('unknown'): create of version 1
  note: 'L': no time is told: create of version 1
record  fault
        'stray.csv' is no record's: no JSON file of its name describes it.
AE      version 1 has no file.
L       'L.csv' is a link. Put the file itself in its place.
[1]

$ coreshed import . --by j.ruiz
error (InvalidArgument): This is a store of Coreshed, not an older one. Use copy.
[11]

$ coreshed verify --deep
Checked 3 records, 5 versions, 9 events, 6 files (227 kB read): no faults

