#!/usr/bin/env bash
# Train with several processes:
#   bash tools/dist_train.sh CONFIG GPUS [ARGS ...]
# On several machines run it on each, with NNODES, NODE_RANK, MASTER_ADDR and
# PORT set. A second run on one machine needs a PORT of its own (29500).
set -euo pipefail
. "$(dirname "$0")/launch.sh"
[ $# -ge 2 ] || usage
config=$1 gpus=$2
shift 2
with_torchrun "$gpus" train.py "$config" "$@"
