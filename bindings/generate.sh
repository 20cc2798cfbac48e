#!/bin/sh
# Regenerates the bindings of native libraries with jextract; see --help and README.md.
set -eu
export LC_ALL=C

usage() {
  cat <<'EOF'
Usage: bindings/generate.sh LIBRARY [HEADERS]

Writes src/generated/java/dev/culebra/bindings/LIBRARY anew from the library's C header,
with the names listed in includes/LIBRARY.txt, and stamps/LIBRARY.stamp, which records the
tools, the header and a checksum of every file. Commit all of it; never edit it by hand.

LIBRARY   openblas  OpenBLAS (cblas.h)
HEADERS   the folder that holds the header.
          Default for openblas: the headers inside the bytedeco jar that bindings/pom.xml names.

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

# Per library: its header, the name of the Java class, and the header and macro that say the version.
case $library in
  openblas)
    [ -n "$headers" ] || headers=$(bytedeco_headers openblas)
    header=cblas.h
    class=Cblas
    version_header=openblas_config.h
    version_macro=OPENBLAS_VERSION
    ;;
  *)
    usage >&2
    fail "unknown library '$library'."
    ;;
esac
for file in $header $version_header; do
  [ -f "$headers/$file" ] || fail "no $file in the folder '$headers': name the folder that holds it."
done
version=$(awk -v macro="$version_macro" '$1 == "#define" && $2 == macro {
  $1 = $2 = ""; gsub(/"/, ""); sub(/^ +/, ""); sub(/ +$/, ""); print }' "$headers/$version_header")
[ -n "$version" ] || fail "$version_header in '$headers' does not define $version_macro."

package=dev.culebra.bindings.$library
includes=includes/$library.txt
sources=src/generated/java
target=$sources/$(echo "$package" | tr . /)
stamp=stamps/$library.stamp

rm -rf "$target"
mkdir -p "$sources" stamps
"$jextract" "@$includes" --output "$sources" --target-package "$package" \
  --header-class-name "$class" "$headers/$header"

# The stamp is a file for `sha256sum --check`, run in the folder bindings.
{
  echo "# Written by bindings/generate.sh $library; the test GeneratedSourcesTest checks it."
  "$jextract" --version 2>&1 | sed 's/^/# tool: /'
  echo "# header: $header of $version"
  for file in $header $version_header; do
    echo "# header sha256: $(sha256sum < "$headers/$file" | cut -d ' ' -f 1)  $file"
  done
  sha256sum "$includes"
  find "$target" -type f | sort | while read -r file; do sha256sum "$file"; done
} > "$scratch/stamp"
mv "$scratch/stamp" "$stamp"
echo "generate.sh: wrote $(find "$target" -type f | wc -l) files for $version, and bindings/$stamp"
