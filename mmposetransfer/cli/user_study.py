"""Ask people which pictures are real, and which of two methods is better.

    mmposetransfer user-study serve study.sqlite --real photos \
        --method DIPT=results/dipt --method DSC=results/dsc \
        --reference references
    mmposetransfer user-study results study.sqlite

The two tests of the paper: a picture a second, real or fake; and results of
two methods side by side. Pictures of one scene have one name in all folders,
endings aside.
"""

import argparse
import os

from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.study import (
    StudyApp,
    StudyDatabase,
    StudyDesign,
    begin_study,
    continue_study,
    measures_as_csv,
    measures_as_json,
    measures_as_table,
    serve_study,
    study_judgements,
    study_results,
)

from .arguments import at_least, command_parser, positive
from .left_out import tell_left_out

__all__ = ['main']


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('user-study', __doc__)
    actions = parser.add_subparsers(
        dest='action', required=True, metavar='serve | results'
    )
    _add_serve(actions)
    _add_results(actions)
    return parser.parse_args(argv)


def _add_serve(actions):
    parser = actions.add_parser(
        'serve',
        help='show the pictures to people and keep their answers',
        description='Begin a study, or go on with one.',
    )
    parser.add_argument(
        'study',
        help='file of the study; where it is there, the study goes on and '
        'the options of a new one are left out',
    )
    parser.add_argument(
        '--host',
        default='127.0.0.1',
        help='default: %(default)s, this machine alone; 0.0.0.0 for its '
        'network',
    )
    parser.add_argument(
        '--port',
        type=at_least(0),
        default=8080,
        help='default: %(default)s; 0 for a free one',
    )
    new = parser.add_argument_group('a new study')
    new.add_argument('--real', metavar='DIR', help='folder of photographs')
    new.add_argument(
        '--method',
        metavar='NAME=DIR',
        action='append',
        type=_named_folder,
        help='a method and the folder of its results; once for each method',
    )
    new.add_argument(
        '--reference',
        metavar='DIR',
        help='folder of reference pictures, shown with a pair',
    )
    new.add_argument(
        '--pose',
        metavar='DIR',
        help='folder of pictures of the target pose, shown with a pair',
    )
    new.add_argument(
        '--show-real',
        action='store_true',
        help='show the photograph with a pair, too',
    )
    new.add_argument(
        '--images',
        type=at_least(0),
        metavar='N',
        help='real pictures of a block of real or fake, and as many '
        'generated ones (default: 55)',
    )
    new.add_argument(
        '--image-practice',
        type=at_least(0),
        metavar='N',
        help='how many of both are practice (default: 10)',
    )
    new.add_argument(
        '--pairs',
        type=at_least(0),
        metavar='N',
        help='pairs of a block of side by side (default: 55)',
    )
    new.add_argument(
        '--pair-practice',
        type=at_least(0),
        metavar='N',
        help='how many of them are practice (default: 5)',
    )
    new.add_argument(
        '--blocks',
        type=at_least(1),
        metavar='N',
        help='the most blocks of each test for one participant (default: one '
        'a method, one a pair of methods)',
    )
    new.add_argument(
        '--pool',
        type=at_least(1),
        metavar='N',
        help='scenes to draw from all (default: as many as one participant '
        'is shown, so that all judge the same)',
    )
    new.add_argument(
        '--seconds',
        type=positive,
        metavar='S',
        help='that a picture of real or fake is shown (default: 1)',
    )
    new.add_argument(
        '--zoom',
        type=at_least(1),
        metavar='N',
        help='show each pixel as a square of N (default: 1)',
    )
    new.add_argument(
        '--participants',
        type=at_least(1),
        metavar='N',
        help='how many may take part at most (default: 1000)',
    )
    new.add_argument(
        '--seed', type=at_least(0), help='of all that is random (default: any)'
    )


def _add_results(actions):
    parser = actions.add_parser(
        'results',
        help='what people said, with intervals and agreement',
        description='R2G, G2R and which method was judged better, in percent, '
        'with 95%% intervals: by people (bootstrap over participants) and by '
        "judgements (Wilson); agreement is Krippendorff's alpha.",
    )
    parser.add_argument('study', help='file of the study; it may be running')
    parser.add_argument(
        '--finished-only',
        action='store_true',
        help='leave out who has not answered everything',
    )
    parser.add_argument(
        '--csv', metavar='FILE', help='write them there as well'
    )
    parser.add_argument('--json', metavar='FILE', help='the same')


def _named_folder(text):
    """An argparse type: 'DSC=results/dsc' -> ('DSC', 'results/dsc')."""
    name, equals, folder = text.partition('=')
    if not (name and equals and folder):
        raise argparse.ArgumentTypeError(
            f"expected NAME=FOLDER, as DSC=results/dsc, got '{text}'"
        )
    return name, folder


# Options of a new study, by what takes them.
_OF_DESIGN = ('images', 'image_practice', 'pairs', 'pair_practice', 'blocks')
_OF_STUDY = ('seconds', 'zoom', 'participants', 'pool', 'seed', 'show_real')
_FOLDERS = ('real', 'reference', 'pose')


def serve(args):
    """Begin or go on with a study, and serve it until interrupted."""
    asked = _asked(args)
    if os.path.exists(args.study):
        database, pictures = continue_study(args.study)
        if asked and asked != database.study.asked:
            raise UserValueError(
                f"the study '{args.study}' was begun with other options. "
                'Leave them out to go on with it, or name another file'
            )
    else:
        database, pictures = _begin(args.study, asked)
    study = database.study
    taken = len(pictures.common_scenes())
    for source, left_out in pictures.left_out().items():
        tell_left_out(f'{source}: {taken:,} pictures taken', left_out)
    print(
        f'{args.study}: {", ".join(study.design.methods)}; '
        f'{len(study.scenes)} scenes, {study.design.scenes_needed} of them '
        'for each participant'
    )
    serve_study(StudyApp(database, pictures), args.host, args.port)


def _asked(args):
    """The options of a new study that are given, as JSON keeps them."""
    options = {name: getattr(args, name) for name in _OF_DESIGN + _OF_STUDY}
    asked = {
        name: value
        for name, value in options.items()
        if value is not None and value is not False  # 0 is asked for
    }
    folders = {
        name: os.path.abspath(getattr(args, name))
        for name in _FOLDERS
        if getattr(args, name)
    }
    methods = [
        [name, os.path.abspath(folder)] for name, folder in args.method or ()
    ]
    return asked | folders | (dict(method=methods) if methods else {})


def _begin(path, asked):
    missing = [f'--{name}' for name in ('real', 'method') if name not in asked]
    if missing:
        raise UserValueError(
            f"there is no study '{path}'; a new one takes "
            f'{" and ".join(missing)}'
        )
    methods = dict(asked['method'])
    if len(methods) < len(asked['method']):
        raise UserValueError('two methods have one name: rename one of them')
    design = StudyDesign(
        tuple(methods), **{k: asked[k] for k in _OF_DESIGN if k in asked}
    )
    return begin_study(
        path,
        {name: asked[name] for name in _FOLDERS if name in asked} | methods,
        design,
        asked=asked,
        **{k: asked[k] for k in _OF_STUDY if k in asked},
    )


def results(args):
    """Print the results of a study, and write them where asked."""
    database = StudyDatabase(args.study)
    judgements = study_judgements(database, args.finished_only)
    if not judgements:
        raise UserValueError(
            f"the study '{args.study}' has no answers yet that count"
        )
    measures = study_results(judgements, database.study.design.methods)
    about = dict(
        participants=len({j.participant for j in judgements}),
        finished=len(database.finished()),
    )
    print(measures_as_table(measures))
    print(
        f'\n{about["participants"]} people, {about["finished"]} of them '
        'finished; practice is not counted'
    )
    for path, text in (
        (args.csv, measures_as_csv(measures)),
        (args.json, measures_as_json(measures, **about)),
    ):
        if path:
            with atomic_write(path, 'w') as file:
                file.write(text)


@told_plainly()
def main(argv=None):
    """Serve a study or tell its results.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    {'serve': serve, 'results': results}[args.action](args)
