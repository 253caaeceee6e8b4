"""Check this installation and this machine; paste it into a bug report.

Exit status 1 if anything failed, 0 if not; warnings do not count.
"""

from mmposetransfer.utils.collect_env import format_env
from mmposetransfer.utils.health import check_all
from mmposetransfer.utils.health.finding import FAILED, WARNING

from .arguments import command_parser

__all__ = ['main']


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('doctor', __doc__)
    parser.add_argument(
        '--work-dir',
        default='work_dirs',
        help='where training shall write (default: work_dirs)',
    )
    parser.add_argument(
        '--no-env',
        action='store_true',
        help='the checks alone, without the list of versions',
    )
    return parser.parse_args(argv)


def main(argv=None):
    """Print the report.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: The exit code.
    """
    args = parse_args(argv)
    if not args.no_env:
        print(format_env(), end='\n\n')
    print('Checks')
    statuses = []
    for finding in check_all(args.work_dir):
        print(
            f'  {finding.status:<4}  {finding.name + ":":<15} {finding.text}',
            flush=True,
        )
        if finding.mend:
            print(f'{"":8}mend it: {finding.mend}')
        statuses.append(finding.status)
    failed, warned = statuses.count(FAILED), statuses.count(WARNING)
    print(f'\n{_count(failed, "problem")}, {_count(warned, "warning")}')
    return int(failed > 0)


def _count(number, what):
    return f'{number or "no"} {what}{"" if number == 1 else "s"}'
