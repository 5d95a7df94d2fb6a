#!/usr/bin/env bash
# A walk through Coreshed on real data: prints each command as one would type it, and its answer.
# Everything happens in a folder of its own (build/quickstart, made anew). Stops where an answer is not
# the one that the story tells.
set -u

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../build/quickstart}
if ! command -v coreshed > /dev/null; then
  echo "quickstart: there is no coreshed in PATH. Build it with make, or run make quickstart." >&2
  exit 1
fi
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || exit 1
cp -r "$here/data" . || exit 1
unset CORESHED_STORE CORESHED_USER
export COLUMNS=${COLUMNS:-110}

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

say() { printf '\n%s# %s%s\n' "$dim" "$1" "$plain"; }

# run COMMAND [EXIT CODE]: as typed; another exit code than the story's ends it.
run() {
  printf '%s$ %s%s\n' "$bold" "$1" "$plain"
  eval "$1"
  local code=$?
  if [ "$code" -ne "${2:-0}" ]; then
    echo "quickstart: that ended with $code, and should have with ${2:-0}." >&2
    exit 1
  fi
}

say 'A store is a folder.'
run 'coreshed init store && cd store'

say 'A cone penetration test, in the AGS file that the contractor sent. Its name gives the data set its id.'
run 'coreshed upload ../data/HKZ1-CPT01.ags --by a.meier -m "as delivered 2016-11-14" -a site=HKZ1'
run 'coreshed read hkz1-cpt01-167dc58be519#SCPT --where "SCPT_RES > 60" --columns SCPT_DPTH,SCPT_RES,SCPT_FRES'

say 'A correction: while the cone enters the ground, friction is not measured yet. Out with these rows.'
run 'coreshed export hkz1-cpt01-167dc58be519 cpt01.ags'
run "awk -F, '/^\"GROUP\"/ {g = \$2} g !~ /SCPT/ || !/^\"DATA\"/ || \$6 != \"\\\"\\\"\"' cpt01.ags > cpt01-b.ags"
run 'coreshed upload cpt01-b.ags --name HKZ1-CPT01 --overwrite --by a.meier -m "readings without friction removed"'

say 'The reviewer looks at what is gone, and says no.'
run 'coreshed read hkz1-cpt01-167dc58be519@v1#SCPT -w "SCPT_FRES IS NULL" -c SCPT_DPTH,SCPT_RES,SCPT_FRES,SCPT_PWP2'
run 'coreshed reject hkz1-cpt01-167dc58be519 --by k.brandt -m "the last six readings are good, only friction is missing: keep them"'
run 'coreshed approve hkz1-cpt01-167dc58be519 --by k.brandt' 7

say 'The second correction: only the three readings at the top go. It is approved, and delivered as AGS again.'
run "awk -F, '/^\"GROUP\"/ {g = \$2} g !~ /SCPT/ || !/^\"DATA\"/ || \$6 != \"\\\"\\\"\" || substr(\$4, 2) + 0 > 1' cpt01.ags > cpt01-c.ags"
run 'coreshed upload cpt01-c.ags --name HKZ1-CPT01 --overwrite --by a.meier -m "readings above 0.06 m removed" | head -3'
run 'coreshed approve hkz1-cpt01-167dc58be519 --by k.brandt --version v3 --meaning "approved for design"'
run 'coreshed export hkz1-cpt01-167dc58be519@approved for-design.ags && cmp for-design.ags cpt01-c.ags'

say 'What was there before is still there.'
run 'coreshed read hkz1-cpt01-167dc58be519@v1#SCPT -c SCPT_DPTH,SCPT_RES,SCPT_FRES --limit 4'

say 'A mistake: the file of the other test goes over it. It shows, and one step back mends it.'
run 'coreshed upload ../data/HKZ1-CPT02.ags --name HKZ1-CPT01 --overwrite --by j.vos -m "new readings" | head -3'
run 'coreshed read hkz1-cpt01-167dc58be519#SCPT -c LOCA_ID,SCPT_DPTH,SCPT_RES --limit 2'
run 'coreshed rollback hkz1-cpt01-167dc58be519 v3 --by a.meier -m "v4 is the file of HKZ1-CPT02"'
run 'coreshed upload ../data/HKZ1-CPT02.ags --by j.vos -m "as delivered 2016-11-14" -a site=HKZ1 | tail -1'

say 'The history tells it all; nothing in it can be changed unseen.'
run 'coreshed log hkz1-cpt01-167dc58be519'
run 'coreshed versions hkz1-cpt01-167dc58be519'

say 'Another line of work: three tables of a clinical study, which change together.'
run 'coreshed create CDISCPILOT01 dm=../data/dm.csv ae=../data/ae.csv ex=../data/ex.csv --by m.sato -m "first cut"'
run 'coreshed read CDISCPILOT01#ae -w "AESEV = '"'SEVERE'"' AND AEREL = '"'PROBABLE'"'" -c USUBJID,AETERM,AESTDTC,AESTDY'

say 'A later cut lost a column on the way. That is refused. The first cut is approved.'
run "cut -d, -f1-13,15- ../data/dm.csv > dm-2.csv"
run 'coreshed update CDISCPILOT01 dm=dm-2.csv ae=../data/ae.csv ex=../data/ex.csv --by m.sato' 8
run 'coreshed approve CDISCPILOT01 --by r.lind --meaning reviewed'

say 'What waits for a review, what is approved, and whether everything is as it was written.'
run 'coreshed list --status draft'
run 'coreshed list --status approved'
run 'coreshed verify --deep'

printf '\n%sDone. The store is in %s; look around with coreshed --help.%s\n' "$dim" "$PWD" "$plain"
