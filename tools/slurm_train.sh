#!/usr/bin/env bash
# Train on Slurm:
#   bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [ARGS ...]
# GPUS (8) is the number of processes; GPUS_PER_NODE (8 at most),
# CPUS_PER_TASK (5), GRES (gpu:GPUS_PER_NODE) and SRUN_ARGS may be set.
set -euo pipefail
. "$(dirname "$0")/launch.sh"
[ $# -ge 4 ] || usage
partition=$1 job_name=$2 config=$3 work_dir=$4
shift 4
with_srun "$partition" "$job_name" "${GPUS:-8}" train.py "$config" \
  --work-dir="$work_dir" "$@"
