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
import sys
from importlib import import_module
from pathlib import Path

from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import OptionsAction
from mmposetransfer.datasets.pair_files import read_pairs
from mmposetransfer.errors import UserImportError, UserValueError
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
    find_scheme,
    layout_of_scheme,
    match_names,
    match_pairs,
    pairs_of_names,
    parse_sheet,
    score_entries,
)
from mmposetransfer.evaluation.reports import (
    Report,
    check_report_path,
    write_report,
)
from mmposetransfer.io.atomic_write import check_writable
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import few
from mmposetransfer.utils.progress import tracked

from .arguments import at_least, command_parser

__all__ = ['main', 'parse_args']

SHOWN = 10
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


def find_matches(args):
    """The results of the folder, with what belongs to them."""
    scheme = args.scheme and find_scheme(args.scheme)
    needs_references = args.baseline == 'copy'
    references = args.references
    if args.pairs:
        pairs = read_pairs(args.pairs, args.split)
        if args.target_first:
            pairs = [(reference, target) for target, reference in pairs]
        references = references or args.truths
    elif scheme and 'name' in scheme.pattern.fields:
        pairs = None
    else:
        told = pairs_of_names(args.results, scheme)
        pairs, scheme = told or (None, scheme)
    references = references if needs_references else None
    if pairs is None:
        if scheme and 'name' not in scheme.pattern.fields:
            raise UserValueError(
                f"names of the form '{scheme.pattern.text}' do not tell "
                'which truth is whose: give the list of --pairs'
            )
        return match_names(
            args.results,
            args.truths,
            references,
            scheme.pattern.text if scheme else '{name}',
            args.truth_names,
            args.reference_names,
        )
    return match_pairs(args.results, pairs, args.truths, references, scheme)


def find_layout(args, matches):
    """Whether the results are sheets, and what the sheets hold."""
    if args.sheet == 'none':
        return None
    if args.sheet:
        return parse_sheet(args.sheet)
    for entry in matches.entries:
        try:
            size = read_image(entry.result).shape[:2]
        except ValueError:  # told when all are read
            continue
        return layout_of_scheme(
            matches.scheme.name, size, f"the image '{entry.result}'"
        )
    return None


def check_complete(args, matches, layout):
    """Tell what is missing or surplus, and stop where too much is missing."""
    _note(*matches.left_out)
    if matches.surplus:
        _note(
            f'{len(matches.surplus):,} pictures in {args.results} are '
            f"nobody's result: {few(matches.surplus, SHOWN)}"
        )
    if matches.missing:
        text = (
            f'{len(matches.missing):,} of '
            f'{len(matches.missing) + len(matches.entries):,} pairs are '
            f'incomplete: {few(matches.missing, SHOWN)}'
        )
        if not args.allow_missing or not matches.entries:
            raise UserValueError(
                f'{text}. Add what is missing, or score the others by '
                '--allow-missing'
            )
        _note(text)
    sheet = layout or ()
    for what, option, folder in (
        ('truths', '--truths', args.truths),
        ('references', '--references', args.baseline is None),
    ):
        given = folder or matches.entries[0]._asdict()[what[:-1]]
        if not given and not (
            sheet and getattr(layout, what[:-1]) is not None
        ):
            raise UserValueError(
                f'there are no {what}: name their folder by {option}'
            )


def _note(*lines):
    for line in lines:
        print(line, file=sys.stderr)


def choose_protocols(args, matches, layout):
    """The protocols by which these files are compared."""
    chosen = []
    for name in dict.fromkeys(args.protocol):
        protocol, note = as_stored(get_protocol(name), matches.entries, layout)
        chosen.append(protocol)
        _note(*filter(None, [note]))
    return chosen


@told_plainly(LESS_MEMORY)
def main(argv=None):
    """Find the results, score them, print and write the numbers.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    for path in args.out:
        check_report_path(path)
        check_writable(path)
    _import(args.modules)
    for name in args.protocol:
        get_protocol(name)
    matches = find_matches(args)
    layout = find_layout(args, matches)
    check_complete(args, matches, layout)
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
    _note(*scores.unreadable)
    print(format_table(scores.numbers, scores.evaluator, method))
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
