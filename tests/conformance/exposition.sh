#!/bin/bash
# The exposition as other readers see it: promtool must find nothing to say about the text format,
# and the reference parser (python3, prometheus_client) must read the OpenMetrics one.
# Usage: exposition.sh EXPOSITION_BENCH   Exit 0 good, 1 found wrong, 77 skipped.
set -u
bench=${1:?usage: exposition.sh EXPOSITION_BENCH}
if ! command -v promtool >/dev/null; then
  echo "skipped: promtool is not installed"
  exit 77
fi
findings=$("$bench" --print text | promtool check metrics 2>&1)
if [ $? -ne 0 ] || [ -n "$findings" ]; then
  echo "promtool check metrics: $findings"
  exit 1
fi
python=${PYTHON:-python3}
if ! "$python" -c 'import prometheus_client' 2>/dev/null; then
  echo "text format good; OpenMetrics skipped: python3 has no prometheus_client"
  exit 0
fi
"$bench" --print openmetrics | "$python" -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
count = len(list(text_string_to_metric_families(sys.stdin.read())))
assert count > 70, count
print("both formats good,", count, "families")
'
