# shellcheck shell=bash
# How several processes are started; sourced by dist_*.sh and slurm_*.sh.
tools=$(dirname "${BASH_SOURCE[0]}")

# Print the comment at the head of the script, and leave.
usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

# with_torchrun PROCESSES_PER_MACHINE TOOL [ARGS ...]
with_torchrun() {
  local processes=$1 tool=$2
  shift 2
  exec torchrun --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" \
    --master_port="${PORT:-${MASTER_PORT:-29500}}" \
    --nproc_per_node="$processes" "$tools/$tool" "$@" --launcher pytorch
}

# with_srun PARTITION JOB_NAME PROCESSES TOOL [ARGS ...]
with_srun() {
  local partition=$1 job_name=$2 processes=$3 tool=$4
  shift 4
  local per_node=${GPUS_PER_NODE:-$((processes < 8 ? processes : 8))}
  local gres=${GRES-gpu:$per_node}  # GRES= asks for no GPUs
  local more=()
  read -r -a more <<< "${SRUN_ARGS:-}"
  exec srun --partition="$partition" --job-name="$job_name" \
    ${gres:+"--gres=$gres"} --ntasks="$processes" \
    --ntasks-per-node="$per_node" --cpus-per-task="${CPUS_PER_TASK:-5}" \
    --kill-on-bad-exit=1 ${more[@]+"${more[@]}"} \
    python -u "$tools/$tool" "$@" --launcher slurm
}
