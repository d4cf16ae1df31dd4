#!/bin/bash
# PromQL scripts through the engine: our own ones in tests/testdata/promql, and the published ones
# where SEAMWATCH_CONFORMANCE names the folder that holds promql/. Those that begin with
# `experimental`, and all in the folder of that name, run with all experimental features; what of
# them needs a feature that is not built stands in promql_skipped.tsv.
# Usage: promql.sh [BUILD_DIR]   The last line is `N passed, N failed, N skipped`.
set -u
build=${1:-build/release}
passed=0 failed=0 skipped=0
stable=(tests/testdata/promql/[!e]*.test)
experimental=(tests/testdata/promql/experimental*.test)
table=()
folder=${SEAMWATCH_CONFORMANCE:-}

# run ARGUMENT...: promqltest with these; adds up what its last line says.
run() {
  local out
  out=$("$build/promqltest" "$@")
  sed '$d' <<<"$out"
  if [[ $(tail -n 1 <<<"$out") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
  else
    echo "promqltest $*: ended without a count"
    failed=$((failed + 1))
  fi
}

if [ -n "$folder" ] && [ -d "$folder/promql/core" ]; then
  stable+=("$folder"/promql/core/*.test "$folder"/promql/compliance/*.test)
  experimental+=("$folder"/promql/experimental/*.test)
  table=(--skipped tests/conformance/promql_skipped.tsv)
  run --parse-cases "$folder/promql/parse-cases.tsv"
else
  echo "skipped: no published PromQL scripts; set SEAMWATCH_CONFORMANCE to their folder"
  skipped=1
fi
run "${stable[@]}"
run --experimental "${table[@]}" "${experimental[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
