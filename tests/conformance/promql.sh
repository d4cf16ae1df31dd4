#!/bin/bash
# PromQL scripts through the engine: our own ones in tests/testdata/promql, and the published ones
# where SEAMWATCH_CONFORMANCE names the folder that holds promql/.
# Usage: promql.sh [BUILD_DIR]   The last line is `N passed, N failed, N skipped`.
set -u
build=${1:-build/release}
scripts=(tests/testdata/promql/[!e]*.test)
folder=${SEAMWATCH_CONFORMANCE:-}
skipped=0
if [ -n "$folder" ] && [ -d "$folder/promql/core" ]; then
  scripts+=("$folder"/promql/core/*.test "$folder"/promql/compliance/*.test)
else
  echo "skipped: no published PromQL scripts; set SEAMWATCH_CONFORMANCE to their folder"
  skipped=1
fi
out=$("$build/promqltest" "${scripts[@]}")
code=$?
echo "$out" | sed '$d'
echo "$(tail -n 1 <<<"$out"), $skipped skipped"
exit $code
