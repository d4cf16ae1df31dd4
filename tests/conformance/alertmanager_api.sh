#!/bin/bash
# The published cases of Alertmanager's API against a whole agent in simulated time. The cases are no
# part of this repository: SEAMWATCH_CONFORMANCE names the folder that holds alertmanager/.
# Usage: alertmanager_api.sh [BUILD_DIR]   The last line is `N passed, N failed, N skipped`.
set -u
build=${1:-build/release}
folder=${SEAMWATCH_CONFORMANCE:-}
if [ -z "$folder" ] || [ ! -f "$folder/alertmanager/api-recorded.yaml" ]; then
  echo "skipped: no Alertmanager cases; set SEAMWATCH_CONFORMANCE to their folder"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
exec "$build/apitest" "$folder/alertmanager"
