r"""Score a folder of results, whichever method made them.

    mmposetransfer evaluate RESULTS --pairs pairs-test.csv --truths images/ \
        --protocol patn2019 gfla2020 --out scores.csv scores.tex

RESULTS has a picture, or a sheet of pictures, for each pair of the list. How
they are called is found out: REF_2_TGT_vis, REF.jpg___TGT.jpg_vis,
REF_TGT, TGT, or the place in the list. Without a list names have to match:

    mmposetransfer evaluate RESULTS --truths TRUTHS
    mmposetransfer evaluate FOLDER --truths FOLDER --references FOLDER \
        --scheme {name}_made --truth-names {name}_gt \
        --reference-names {name}_ref --baseline copy

Each number is named by the protocol that it was measured with;
--list-protocols tells what they are. docs/evaluation.md says more.
"""

import argparse
from importlib import import_module
from pathlib import Path

from mmposetransfer.apis.model import check_device
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import OptionsAction
from mmposetransfer.errors import UserImportError
from mmposetransfer.evaluation import (
    CopyReference,
    format_table,
    get_protocol,
    protocol_names,
)
from mmposetransfer.evaluation.folders import (
    DEFAULT_METRICS,
    SCHEMES,
    as_stored,
    build_metrics,
    score_entries,
)
from mmposetransfer.evaluation.reports import (
    Report,
    check_report_path,
    write_report,
)
from mmposetransfer.io.atomic_write import check_writable
from mmposetransfer.utils.progress import tracked

from .arguments import at_least, command_parser, spelled_as_options
from .scored_files import (
    check_complete,
    check_sources,
    find_layout,
    find_matches,
    note,
)

__all__ = ['main', 'parse_args']

LESS_MEMORY = 'Less is taken by a smaller --batch-size.'


class _ListProtocols(argparse.Action):
    """Print the protocols, and end."""

    def __init__(self, option_strings, dest, **kwargs):
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser, namespace, values, option_string=None):
        for name in protocol_names():
            protocol = get_protocol(name)
            print(f'{name}: {protocol.source}')
            if protocol.unknown:
                print(f'    {protocol.unknown}')
        parser.exit()


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('evaluate', __doc__)
    parser.add_argument('results', help='folder of the generated pictures')
    parser.add_argument(
        '--pairs',
        metavar='FILE',
        help='the list of pairs, in any form that data sets have',
    )
    parser.add_argument(
        '--split',
        default='test',
        help='of a list that has several (default: test)',
    )
    parser.add_argument(
        '--target-first',
        action='store_true',
        help='the list names the target before the reference',
    )
    parser.add_argument(
        '--truths',
        metavar='FOLDER',
        help='of the true pictures (default: those on the sheets)',
    )
    parser.add_argument(
        '--references',
        metavar='FOLDER',
        help='of the references (default: that of the truths, where there '
        'is a list)',
    )
    _add_names(parser)
    parser.add_argument(
        '--protocol',
        nargs='+',
        default=['dsc'],
        metavar='NAME',
        help='how pictures are compared (default: dsc)',
    )
    parser.add_argument(
        '--list-protocols',
        action=_ListProtocols,
        help='print all protocols, and what their sources leave open',
    )
    parser.add_argument(
        '--metrics',
        nargs='+',
        default=DEFAULT_METRICS,
        metavar='METRIC',
        help='registered metrics, or numbers of theirs (default: '
        f'{" ".join(DEFAULT_METRICS)})',
    )
    parser.add_argument(
        '--options',
        nargs='+',
        action=OptionsAction,
        default={},
        metavar='METRIC.KEY=VALUE',
        help="metrics' arguments",
    )
    parser.add_argument(
        '--import',
        dest='modules',
        action='append',
        default=[],
        metavar='MODULE',
        help='a module of yours that registers metrics or protocols; may be '
        'repeated',
    )
    parser.add_argument(
        '--baseline',
        choices=('copy',),
        help='score the copied reference, too',
    )
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='score what is there, where results, truths or parts of files '
        'are missing',
    )
    parser.add_argument(
        '--name',
        help='of the method, in tables (default: that of the folder)',
    )
    parser.add_argument(
        '--out',
        nargs='+',
        default=[],
        metavar='FILE',
        help='write the numbers there, as .csv, .json or .tex',
    )
    parser.add_argument(
        '--batch-size',
        type=at_least(1),
        default=16,
        help='pairs that are scored together (default: 16)',
    )
    parser.add_argument(
        '--workers',
        type=at_least(1),
        default=2,
        help='threads that read files (default: 2)',
    )
    parser.add_argument(
        '--device', default='cpu', help='for the metrics (default: cpu)'
    )
    return parser.parse_args(argv)


def _add_names(parser):
    """The options that say how files are called, and cut."""
    parser.add_argument(
        '--scheme',
        metavar='NAME',
        help='how results are called: '
        f"{', '.join(SCHEMES)}, or a form such as '{{reference}}-{{target}}', "
        "'{number}' or '{name}_made' (default: what fits most)",
    )
    for what in ('truth', 'reference'):
        parser.add_argument(
            f'--{what}-names',
            default='{name}',
            metavar='FORM',
            help=f'of {what}s, without a list (default: {{name}})',
        )
    parser.add_argument(
        '--sheet',
        metavar='PANELS:RESULT[:TRUTH[:REFERENCE]]',
        help='results are sheets of so many panels, counted from 1 at the '
        "left; 'none' if they are not (default: sheets where they are wider "
        'than high, as PATN and Deformable GANs have them)',
    )


def choose_protocols(args, matches, layout):
    """The protocols by which these files are compared."""
    chosen = []
    for name in dict.fromkeys(args.protocol):
        protocol, warning = as_stored(
            get_protocol(name), matches.entries, layout
        )
        chosen.append(protocol)
        if warning:
            note(warning)
    return chosen


@told_plainly(LESS_MEMORY)
@spelled_as_options('device')
def main(argv=None):
    """Find the results, score them, print and write the numbers.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    check_device(args.device)
    for path in args.out:
        check_report_path(path)
        check_writable(path)
    _import(args.modules)
    for name in args.protocol:
        get_protocol(name)
    matches = find_matches(args)
    check_complete(args, matches)
    layout = find_layout(args, matches)
    check_sources(args, matches, layout)
    copied = args.baseline == 'copy'
    metrics = build_metrics(
        args.metrics,
        choose_protocols(args, matches, layout),
        ('pred_img', 'gt_img', *(['ref_img'] if copied else [])),
        args.options,
    )
    scores = score_entries(
        matches.entries,
        metrics,
        [CopyReference()] if copied else [],
        layout,
        args.batch_size,
        args.workers,
        args.device,
        args.allow_missing,
        tracked('pairs', len(matches.entries)),
    )
    report(args, matches, layout, scores)


def report(args, matches, layout, scores):
    """Print the table, and write the files."""
    method = args.name or Path(args.results).resolve().name
    note(*scores.unreadable)
    print(
        format_table(
            scores.numbers, scores.evaluator, method, by_protocol=True
        )
    )
    total = len(matches.entries) + len(matches.missing)
    called = matches.scheme.pattern.text
    sheets = f', on sheets of {layout.panels}' if layout else ''
    print(
        f'\n{scores.count:,} of {total:,} pairs count; results are called '
        f'{called}{sheets}'
    )
    details = dict(
        results=args.results,
        names=called,
        pairs_in_all=total,
        missing=matches.missing,
        unreadable=scores.unreadable,
        surplus=matches.surplus,
    )
    for path in args.out:
        write_report(
            path,
            Report(
                method,
                scores.numbers,
                scores.evaluator,
                scores.count,
                details,
            ),
        )


def _import(modules):
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            raise UserImportError(
                f"importing '{module}' failed: {error}"
            ) from error
