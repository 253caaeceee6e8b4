#!/usr/bin/env bash
# Test on Slurm:
#   bash tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [ARGS ...]
# GPUS (1) is the number of processes; GPUS_PER_NODE (8 at most),
# CPUS_PER_TASK (5), GRES (gpu:GPUS_PER_NODE) and SRUN_ARGS may be set.
set -euo pipefail
. "$(dirname "$0")/launch.sh"
[ $# -ge 4 ] || usage
partition=$1 job_name=$2 config=$3 checkpoint=$4
shift 4
with_srun "$partition" "$job_name" "${GPUS:-1}" test.py "$config" \
  "$checkpoint" "$@"
