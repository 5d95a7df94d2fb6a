# Ctrl-C at any moment, and worse: the store verifies, with the old state or the new one.

$ coreshed init . > /dev/null && coreshed create DM $data/dm.csv --by a > /dev/null

# While it waits for input.
$ mkfifo pipe; (sleep 2 > pipe) & timeout --preserve-status -s INT 0.5 coreshed create X - --by a < pipe
error (Cancelled): Stopped: nothing was changed.
[130]
$ (sleep 2 > pipe) & timeout --preserve-status -s INT 0.5 coreshed --json create X - --by a < pipe
{
  "error": {
    "kind": "Cancelled",
    "message": "Stopped: nothing was changed.",
    "fields": {}
  }
}
[130]

# At any time of a write that takes a while.
$ python3 -c 'print("n,x,t"); [print(f"{i},{i / 7},row {i}") for i in range(400000)]' > big.csv
$ for wait in 0.01 0.03 0.06 0.1 0.2 0.3 0.4 0.6 0.8 1.0 1.5; do
  >   timeout --preserve-status -s INT $wait coreshed create BIG-$wait big.csv --by a > /dev/null 2>&1
  >   code=$?; case $code in 0|130) ;; *) echo "exit code $code after $wait" ;; esac
  >   coreshed verify --deep > /dev/null || echo "faults after $wait"
  >   rows=$(coreshed read BIG-$wait -f csv 2> /dev/null | wc -l)
  >   case $code,$rows in 0,400001|130,0) ;; *) echo "$code and $rows rows after $wait" ;; esac
  > done

# Killed on the spot, which nobody can answer: the same, and vacuum removes what is left.
$ for wait in 0.01 0.02 0.03 0.05 0.08 0.1 0.2 0.4 0.6 0.8 1.0 1.5; do
  >   timeout -s KILL $wait coreshed update DM big.csv --by a --allow-breaking > /dev/null
  >   coreshed verify --deep > /dev/null || echo "faults after $wait"
  > done 2> /dev/null
$ coreshed vacuum --grace 0 > /dev/null && coreshed vacuum --grace 0
Removed 0 files (0 B) that nothing refers to, from <any>
$ coreshed verify --deep | sed 's/.*: //'
no faults
$ coreshed update DM $data/dm.csv --by a --allow-breaking | head -1
Updated DM v<any> (draft, active)
$ ls -A | grep -c part
0
[1]
