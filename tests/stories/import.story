# Before Coreshed, a study group kept each data set as JSON beside CSV, and a site office kept its logs in folders.

$ mkdir -p old/records/BH-7/versions && cd old && cp $data/dm.csv dm_v1.csv && sed '2s/,63,/,64,/' $data/dm.csv > dm_v2.csv && cp $data/ex.csv EX.csv
$ cd old && printf '{"dataset_name": "Demographics", "study": "CDISCPILOT01", "current_version": 2, "status": "approved", "history": [{"event_type": "upload", "version": 1, "user": "m.sato", "timestamp": "2024-03-01T09:15:00Z", "comment": "first cut"}, {"event_type": "overwrite", "version": 2, "user": "m.sato", "timestamp": "2024-03-04T16:40:00Z", "comment": "an age corrected"}, {"event_type": "approve", "version": 2, "user": "r.lind", "timestamp": "2024-03-05T08:00:00Z", "comment": "checked against the forms"}]}' > dm.json
$ cd old && printf '{"created_by": "n.ito", "created_at": "2024-03-02 11:00:00", "status": "draft", "columns": ["STUDYID", "EXDOSE"]}' > EX.json
$ coreshed init made > /dev/null && printf 'depth,soil\n1.5,CLAY\n' > log.csv && coreshed --store made create x log.csv --by x > /dev/null && coreshed --store made read x -o old/records/BH-7/versions/v1.parquet > /dev/null && cp old/records/BH-7/versions/v1.parquet old/records/BH-7/versions/v2.parquet
$ cd old/records/BH-7 && printf '{"record_id": "site/BH-7", "table_name": "log", "current_version": 1, "status": "draft", "created_by": "a.meier", "created_at": "2023-11-20T15:37:12Z", "history": [{"event_type": "create", "version": 1, "user_id": "a.meier", "timestamp": "2023-11-20T15:37:12Z"}, {"event_type": "update", "version": 2, "user_id": "a.meier", "timestamp": "2023-11-21T15:37:12Z"}, {"event_type": "reject", "version": 2, "user_id": "k.brandt", "timestamp": "2023-11-22T10:00:00Z", "comment": "nothing changed"}, {"event_type": "rollback", "version": 1, "user_id": "k.brandt", "timestamp": "2023-11-22T10:01:00Z"}]}' > metadata.json

# All of it comes in, with who, when and why.
$ coreshed init . > /dev/null && coreshed import old --by j.ruiz

$ coreshed list

$ coreshed log dm

$ coreshed log site/BH-7

$ coreshed read dm@v1 -n 1 -c USUBJID,AGE

# Every event says that it was told, and by whom it was brought here.
$ coreshed log EX --json | grep -E 'imported|"time"'

# Once more, nothing changes; what the group did meanwhile is added.
$ coreshed import old --by j.ruiz

$ cd old && sed -i 's/"draft"/"approved", "approved_by": "r.lind", "approved_at": "2024-03-09T08:00:00Z"/' EX.json && cd .. && coreshed import old --by j.ruiz | head -1

# What contradicts itself is named, and the rest comes in.
$ cd old && cp EX.csv AE.csv && printf '{"status": "approved", "current_version": 4}' > AE.json && printf 'x' > stray.csv && ln -s /etc/passwd L.csv && printf '{}' > L.json && cd .. && coreshed import old --by j.ruiz

$ coreshed import . --by j.ruiz

$ coreshed verify --deep

