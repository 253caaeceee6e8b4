"""Flow ground truth of many pairs, from fits: planned, made, resumed."""

from .fits_at_size import fits_at_size
from .flow_job import FlowCounts, FlowJob, FlowMaker
from .work_list import WorkList, plan_work

__all__ = [
    'FlowCounts',
    'FlowJob',
    'FlowMaker',
    'WorkList',
    'fits_at_size',
    'plan_work',
]
