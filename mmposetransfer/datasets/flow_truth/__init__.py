"""Flow ground truth of many pairs, from fits: planned, made, resumed."""

from .fits_at_size import fits_at_size
from .flow_job import FlowCounts, FlowJob, FlowMaker
from .local_engine import run_here
from .output_folder import filling
from .ray_engine import run_on_ray
from .work_list import WorkList, plan_work

__all__ = [
    'FlowCounts',
    'FlowJob',
    'FlowMaker',
    'WorkList',
    'filling',
    'fits_at_size',
    'plan_work',
    'run_here',
    'run_on_ray',
]
