"""Checks of an installation and a machine, for ``mmposetransfer doctor``.

No module here imports MMEngine, torch or numba before its check runs, so that
a report is made where one of them is broken.
"""

from mmposetransfer.doctor.finding import Finding, run_check
from mmposetransfer.doctor.machine import (
    check_gpu,
    check_shared_memory,
    check_work_dir,
)
from mmposetransfer.doctor.software import (
    check_configs,
    check_numba,
    check_package,
    check_packages,
    check_poses,
    check_registries,
    check_warp,
)

__all__ = ['Finding', 'check_all', 'run_check']


def check_all(work_dir='work_dirs'):
    """Run all checks.

    Args:
        work_dir (str | Path): Where training would write.

    Yields:
        Finding: As each check ends.
    """
    for name, check in (
        ('installation', check_package),
        ('packages', check_packages),
        ('configs', check_configs),
        ('types', check_registries),
        ('GPU', check_gpu),
        ('warp', check_warp),
        ('numba', check_numba),
        ('poses', check_poses),
        ('work directory', lambda: check_work_dir(work_dir)),
        ('shared memory', check_shared_memory),
    ):
        yield from run_check(name, check)
