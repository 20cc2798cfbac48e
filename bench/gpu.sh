#!/bin/sh
# Checks and measures Culebra on a GPU machine, from the portable bundle; see --help.
set -eu

usage() {
  cat <<'EOF'
Usage: gpu.sh BUNDLE OUT [DEVICE]

Runs, with the program in the folder BUNDLE (the unpacked portable bundle, or a built checkout):
  1. the operation table on the device, in bf16 and in fp32
  2. the same short training twice: equal weights, bit by bit
  3. the same training on the CPU: losses beside those of the device
  4. the bench of the kernels
and writes the results into the folder OUT as JSON, with summary.json over all.
DEVICE is cuda (the default) or cuda:N. The machine needs NVIDIA's driver and the CUDA libraries
(NVRTC, cuBLAS), no JDK. Ends with 0 if everything agrees, else 1.

In the environment, STEPS is the number of training steps (40) and TRAIN adds options to the training,
such as "--set model.layers=1".

Example:  culebra-0.1.0/gpu.sh culebra-0.1.0 results
EOF
}

case "${1-}" in
  -h | --help) usage; exit 0 ;;
esac
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  usage >&2
  exit 2
fi
culebra=$1/culebra
out=$2
device=${3:-cuda}
[ -x "$culebra" ] || { echo "gpu.sh: there is no $culebra" >&2; exit 2; }
mkdir -p "$out"
failed=0

# Runs a step, keeps its output, and notes its seconds and its exit code.
step() {
  name=$1
  shift
  begun=$(date +%s)
  code=0
  "$@" >"$out/$name.out" 2>"$out/$name.err" || code=$?
  [ $code = 0 ] || failed=1
  printf '{"step": "%s", "exit": %d, "seconds": %d}\n' "$name" $code $(($(date +%s) - begun)) >>"$out/steps.jsonl"
  echo "$name: exit $code" >&2
}

# A run of a small model: long enough to use the graph, short enough for the CPU.
# shellcheck disable=SC2086 # the options are to be split
train() {
  rm -rf "$out/run-$1"
  "$culebra" train --device "$2" --precision "$3" --out "$out/run-$1" --steps "${STEPS:-40}" --seed 1 \
    --set optimizer.name=adamw ${TRAIN-}
}

: >"$out/steps.jsonl"
step doctor "$culebra" doctor --json
step selftest-bf16 "$culebra" doctor --selftest --json --device "$device" --precision bf16
step selftest-fp32 "$culebra" doctor --selftest --json --device "$device" --precision fp32
step train-first train first "$device" bf16
step train-second train second "$device" bf16
step train-fp32 train fp32 "$device" fp32
step train-cpu train cpu cpu fp32
step determinism cmp "$out/run-first/model/model.safetensors" "$out/run-second/model/model.safetensors"
losses() {
  sed 's/.*"loss":\([^,]*\),.*/\1/' "$out/run-$1/metrics.jsonl" 2>/dev/null | paste -sd, -
}
# The largest distance between two runs' losses is at most $3.
compare() {
  losses "$1" | tr , '\n' >"$out/losses-$1.txt"
  losses "$2" | tr , '\n' >"$out/losses-$2.txt"
  paste "$out/losses-$1.txt" "$out/losses-$2.txt" | awk -v allowed="$3" '
    NF != 2 { bad = 1 }
    { d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d }
    END { printf "largest distance %g, allowed %g, %d steps\n", most, allowed, NR; exit !(NR > 0 && !bad && most <= allowed) }'
}
step losses-fp32 compare fp32 cpu 0.001
step losses-bf16 compare first cpu 0.1
step bench "$culebra" bench --json --device "$device"

{
  printf '{"date": "%s",\n "steps": [%s],\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(paste -sd, "$out/steps.jsonl")"
  printf ' "losses": {"bf16": [%s],\n  "fp32": [%s],\n  "cpu": [%s]}}\n' "$(losses first)" "$(losses fp32)" "$(losses cpu)"
} >"$out/summary.json"
echo "results: $out/summary.json" >&2
exit $failed
