#!/usr/bin/env bash
# Test on Slurm:  tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [ARGS ...]
# GPUS (1), GPUS_PER_NODE (1), CPUS_PER_TASK (5) and SRUN_ARGS may be set.
set -euo pipefail
if [ $# -lt 4 ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
partition=$1
job_name=$2
config=$3
checkpoint=$4
shift 4
gpus=${GPUS:-1}
per_node=${GPUS_PER_NODE:-1}
# SRUN_ARGS holds several words on purpose.
# shellcheck disable=SC2086
exec srun --partition="$partition" --job-name="$job_name" \
  --gres="gpu:$per_node" --ntasks="$gpus" --ntasks-per-node="$per_node" \
  --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
  ${SRUN_ARGS:-} python -u "$(dirname "$0")/test.py" "$config" "$checkpoint" \
  --launcher slurm "$@"
