#!/bin/sh
# Builds the kernel engine (once, again when its sources change) and one C++ program against it, and runs the program. See run_kernel.h.
#   run.sh PROGRAM.cpp [SEED]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
softgpu=$(dirname "$here")
build=${SOFTGPU_BUILD:-$softgpu/target/engine}
flags="-std=c++20 -O2 -g1 -fPIC -Wall -Wextra -pthread"
mkdir -p "$build"

cd "$softgpu"
for source in engine/*.cpp engine/*.S; do
  object=$build/$(basename "$source").o
  if [ ! -e "$object" ] || [ -n "$(find engine kernel_engine.h random.h softgpu_device.h -newer "$object" \( -name '*.h' -o -path "$source" \))" ]; then
    c++ $flags -fvisibility=hidden -c "$source" -o "$object"
  fi
done
cd - >/dev/null
program=$build/$(basename "$1" .cpp)
c++ $flags -rdynamic -DSOFTGPU_NATIVE="\"$(dirname "$softgpu")\"" -I"$here" "$1" "$build"/*.o -ldl -o "$program"
if [ $# -gt 1 ]; then
  export SOFTGPU_SEED="$2"
fi
exec "$program"
