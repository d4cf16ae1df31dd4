#!/bin/bash
# Answers of a real Prometheus's HTTP API, recorded, against ours. They are published ones: without
# SEAMWATCH_CONFORMANCE, the folder that holds promql/, there is nothing to compare.
# Usage: prometheus_api.sh [BUILD_DIR]   The last line is `N passed, N failed, N skipped`.
set -u
build=${1:-build/release}
recorded=${SEAMWATCH_CONFORMANCE:-}/promql/http-api-recorded.jsonl
if [ ! -f "$recorded" ]; then
  echo "skipped: no recorded answers; set SEAMWATCH_CONFORMANCE to their folder"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
out=$("$build/prometheus_apitest" "$recorded")
code=$?
echo "$out" | sed '$d'
echo "$(tail -n 1 <<<"$out"), 0 skipped"
exit $code
