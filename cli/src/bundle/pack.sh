#!/bin/sh
# pack.sh FOLDER ARCHIVE: packs the bundle, and tries what it packed: elsewhere, without a JDK.
# Times of files are kept, for the AOT cache knows its jars by them.
set -eu

folder=$1
archive=$2
most=$((64 * 1024 * 1024))

tar --create --gzip --owner=0 --group=0 --file="$archive" \
  --directory="$(dirname "$folder")" "$(basename "$folder")"
size=$(wc -c <"$archive")
echo "$archive: $size bytes"
if [ "$size" -gt "$most" ]; then
  echo "the bundle must not be larger than $most bytes" >&2
  exit 1
fi

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
tar --extract --gzip --file="$archive" --directory="$elsewhere"
program=$elsewhere/$(basename "$folder")/culebra
env -i PATH= "$program" --version
env -i PATH= "$program" doctor | grep -q '^ *cpu *ready' || {
  echo "the unpacked bundle has no usable CPU device; see '$program doctor'" >&2
  trap - EXIT
  exit 1
}
