#!/bin/sh
# Builds the software CUDA device (each file again when it or a header changed) and one C++ program against it, and runs the program.
#   run.sh PROGRAM.cpp [ARGUMENTS]          see run_kernel.h
set -eu
here=$(cd "$(dirname "$0")" && pwd)
softgpu=$(dirname "$here")
build=${SOFTGPU_BUILD:-$softgpu/target/run}
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
value() { sed -n "s/^$1: //p" "$softgpu/build.txt"; }
flags=$(value flags)
mkdir -p "$build"

cd "$softgpu"
objects=
for source in $(grep -E '^[^#:]*\.(cpp|S)$' build.txt); do
  object=$build/$(echo "$source" | tr / _).o
  if [ ! -e "$object" ] || [ -n "$(find . -path ./test -prune -o -newer "$object" \( -name '*.h' -o -path "./$source" \) -print)" ]; then
    c++ $flags -c "$source" -o "$object"
  fi
  objects="$objects $object"
done
c++ $flags $objects $(value link) -o "$build/libsoftgpu.so"
c++ -std=c++20 -O2 -g1 -Wall -Wextra -pthread -I"$here" "$program" "$build/libsoftgpu.so" -Wl,-rpath,"$build" -o "$build/program"
exec "$build/program" "$@"
