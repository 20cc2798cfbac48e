#!/bin/sh
# Runs two commands in turn, N times each, and compares their speed on a machine whose speed drifts.
#
#   interleave.sh 'COMMAND A' 'COMMAND B' N
#
# Each command prints a JSON line that holds "tokens_per_second"; its last such line counts. Odd rounds run A first, even
# rounds B. Prints the median of each, the median of the N ratios A/B within a round, and the smallest and largest ratio.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: interleave.sh 'COMMAND A' 'COMMAND B' N" >&2
  exit 2
fi
case $3 in
  '' | *[!0-9]* | 0) echo "interleave.sh: N is to be a number from 1, not '$3'" >&2; exit 2 ;;
esac

# speed LETTER COMMAND: runs the command and prints its tokens per second.
speed() {
  if ! output=$(sh -c "$2"); then
    echo "interleave.sh: command $1 failed: $2" >&2
    return 1
  fi
  figure=$(printf '%s\n' "$output" | sed -n 's/.*"tokens_per_second": *\([0-9][0-9.eE+]*\).*/\1/p' | tail -n 1)
  if [ -z "$figure" ]; then
    echo "interleave.sh: command $1 printed no \"tokens_per_second\": $2" >&2
    return 1
  fi
  echo "$figure"
}

rounds=$(mktemp)
trap 'rm -f "$rounds"' EXIT
round=1
while [ "$round" -le "$3" ]; do
  if [ $((round % 2)) -eq 1 ]; then
    a=$(speed A "$1")
    b=$(speed B "$2")
  else
    b=$(speed B "$2")
    a=$(speed A "$1")
  fi
  echo "round $round: A $a, B $b tokens/s" >&2
  echo "$a $b" >> "$rounds"
  round=$((round + 1))
done

awk '
  function median(values, count,   i, j, t) {
    for (i = 2; i <= count; i++)
      for (j = i; j > 1 && values[j - 1] > values[j]; j--) { t = values[j]; values[j] = values[j - 1]; values[j - 1] = t }
    return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
  }
  { a[NR] = $1 + 0; b[NR] = $2 + 0; ratio[NR] = $1 / $2 }
  END {
    middle = median(ratio, NR)  # sorts
    printf "{\"rounds\": %d, \"a_tokens_per_second\": %.1f, \"b_tokens_per_second\": %.1f, ", NR, median(a, NR), median(b, NR)
    printf "\"ratio\": %.3f, \"ratio_min\": %.3f, \"ratio_max\": %.3f}\n", middle, ratio[1], ratio[NR]
  }' "$rounds"
