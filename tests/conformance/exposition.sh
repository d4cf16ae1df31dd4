#!/usr/bin/env bash
# The exposition as other readers see it: promtool must find nothing to say about the text format,
# and the reference parser (python3, prometheus_client) must read the OpenMetrics one.
# Usage: exposition.sh BUILD_FOLDER. The last line is `N passed, N failed, N skipped`.
set -u
bench=${1:?usage: exposition.sh BUILD_FOLDER}/exposition_bench
python=${PYTHON:-/usr/bin/python3}
passed=0 failed=0 skipped=0

if ! command -v promtool >/dev/null; then
  echo "skipped: text format, promtool is not installed"
  skipped=$((skipped + 1))
elif findings=$("$bench" --print text | promtool check metrics 2>&1) && [ -z "$findings" ]; then
  passed=$((passed + 1))
else
  echo "text format, promtool check metrics says: $findings"
  failed=$((failed + 1))
fi

if ! "$python" -c 'import prometheus_client' 2>/dev/null; then
  echo "skipped: OpenMetrics, $python has no prometheus_client"
  skipped=$((skipped + 1))
elif "$bench" --print openmetrics | "$python" -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
sys.exit(len(list(text_string_to_metric_families(sys.stdin.read()))) < 70)'; then
  passed=$((passed + 1))
else
  echo "OpenMetrics: the reference parser cannot read it"
  failed=$((failed + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
