#!/usr/bin/env bash
# Test with several processes:
#   bash tools/dist_test.sh CONFIG CHECKPOINT GPUS [ARGS ...]
# On several machines run it on each, with NNODES, NODE_RANK, MASTER_ADDR and
# PORT set. A second run on one machine needs a PORT of its own (29500).
set -euo pipefail
. "$(dirname "$0")/launch.sh"
[ $# -ge 3 ] || usage
config=$1 checkpoint=$2 gpus=$3
shift 3
with_torchrun "$gpus" test.py "$config" "$checkpoint" "$@"
