#!/bin/sh
# Regenerates the bindings of native libraries with jextract; see --help and README.md.
set -eu
export LC_ALL=C

usage() {
  cat <<'EOF'
Usage: bindings/generate.sh LIBRARY [HEADERS]

Writes src/generated/java/dev/culebra/bindings/LIBRARY anew from the library's C headers,
with the names listed in includes/LIBRARY/CLASS.txt for each class, and stamps/LIBRARY.stamp,
which records the tools, the headers and a checksum of every file. Commit all of it; never
edit it by hand.

LIBRARY   cuda      NVIDIA's driver (cuda.h)
          nvrtc     NVIDIA's run-time compiler (nvrtc.h)
          cublas    cuBLAS and cuBLASLt (cublas_api.h, cublasLt.h)
          openblas  OpenBLAS (cblas.h)
HEADERS   the folder that holds the headers.
          Default for openblas: the headers inside the bytedeco jar that bindings/pom.xml names;
          for the others: the folder include of $CUDA_HOME, else of /usr/local/cuda.

JEXTRACT  environment: the jextract to run (default: the one on the PATH)
MVN       environment: the Maven that finds the jar (default: mvn)
EOF
}

fail() {
  echo "generate.sh: $1" >&2
  exit 1
}

case "${1-}" in
  -h | --help) usage; exit 0 ;;
esac
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  usage >&2
  exit 2
fi

library=$1
headers=
if [ $# -eq 2 ]; then
  headers=$(cd "$2" 2> /dev/null && pwd) || fail "no folder '$2'."
fi
cd "$(dirname "$0")"
jextract=${JEXTRACT:-jextract}
command -v "$jextract" > /dev/null || fail "no '$jextract' found: put jextract on the PATH or set JEXTRACT (README.md says how to build it)."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Unpacks the headers of the jar that the build itself uses, so that they fit the library inside it.
bytedeco_headers() {
  "${MVN:-mvn}" -B -q -f pom.xml dependency:unpack-dependencies -DincludeArtifactIds="$1" \
    "-Dmdep.unpack.includes=**/include/*.h" -DoutputDirectory="$scratch/jar" \
    -DmarkersDirectory="$scratch/markers" >&2 || fail "Maven could not unpack the jar of $1."
  find "$scratch/jar" -type d -name include
}

toolkit_headers() {
  echo "${CUDA_HOME:-/usr/local/cuda}/include"
}

# Per library: the Java classes, each with its header, and the header and macros that say the version.
case $library in
  cuda)
    [ -n "$headers" ] || headers=$(toolkit_headers)
    classes="Cuda:cuda.h"
    version_header=cuda.h
    version_macros=CUDA_VERSION
    ;;
  nvrtc)
    # nvrtc.h does not say its version; the driver's header of the same toolkit does.
    [ -n "$headers" ] || headers=$(toolkit_headers)
    classes="Nvrtc:nvrtc.h"
    version_header=cuda.h
    version_macros=CUDA_VERSION
    ;;
  cublas)
    [ -n "$headers" ] || headers=$(toolkit_headers)
    classes="Cublas:cublas_api.h CublasLt:cublasLt.h"
    version_header=cublas_api.h
    version_macros="CUBLAS_VER_MAJOR CUBLAS_VER_MINOR CUBLAS_VER_PATCH CUBLAS_VER_BUILD"
    ;;
  openblas)
    [ -n "$headers" ] || headers=$(bytedeco_headers openblas)
    classes="Cblas:cblas.h"
    version_header=openblas_config.h
    version_macros=OPENBLAS_VERSION
    ;;
  *)
    usage >&2
    fail "unknown library '$library'."
    ;;
esac
files=$(for class in $classes; do echo "${class#*:}"; done; echo "$version_header")
files=$(echo "$files" | awk '!seen[$0]++')
for file in $files; do
  [ -f "$headers/$file" ] || fail "no $file in the folder '$headers': name the folder that holds it."
done

# The value of a macro without quotes, such as 13000 or OpenBLAS 0.3.31.
value() {
  awk -v macro="$1" '$1 == "#define" && $2 == macro {
    $1 = $2 = ""; gsub(/"/, ""); sub(/^ +/, ""); sub(/ +$/, ""); print }' "$headers/$version_header"
}

version=
for macro in $version_macros; do
  part=$(value "$macro")
  [ -n "$part" ] || fail "$version_header in '$headers' does not define $macro."
  version="${version:+$version }$macro $part"
done

package=dev.culebra.bindings.$library
includes=includes/$library
sources=src/generated/java
target=$sources/$(echo "$package" | tr . /)
stamp=stamps/$library.stamp

# What the headers themselves include: their neighbours, and the C++ core libraries of the toolkit.
set -- -I "$headers"
[ ! -d "$headers/cccl" ] || set -- "$@" -I "$headers/cccl"

rm -rf "$target"
mkdir -p "$sources" stamps
for class in $classes; do
  "$jextract" "@$includes/${class%:*}.txt" "$@" --output "$sources" --target-package "$package" \
    --header-class-name "${class%:*}" "$headers/${class#*:}" > "$scratch/log" 2>&1 \
    || { cat "$scratch/log" >&2; fail "jextract failed on ${class#*:}."; }
  # jextract says nothing of a name that no header declares.
  awk '/^--/ { print $2 }' "$includes/${class%:*}.txt" | while read -r name; do
    grep -qwrF -e "$name" "$target" || fail "$includes/${class%:*}.txt: ${class#*:} has no $name."
  done
done

# The stamp is a file for `sha256sum --check`, run in the folder bindings.
{
  echo "# Written by bindings/generate.sh $library; the test GeneratedSourcesTest checks it."
  "$jextract" --version 2>&1 | sed 's/^/# tool: /'
  echo "# version: $version_header defines $version"
  for file in $files; do
    echo "# header sha256: $(sha256sum < "$headers/$file" | cut -d ' ' -f 1)  $file"
  done
  find "$includes" "$target" -type f | sort | while read -r file; do sha256sum "$file"; done
} > "$scratch/stamp"
mv "$scratch/stamp" "$stamp"
echo "generate.sh: wrote $(find "$target" -type f | wc -l) files ($version), and bindings/$stamp"
