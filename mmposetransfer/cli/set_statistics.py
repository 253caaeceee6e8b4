"""What FID and the like need of a set of real pictures, in one small file.

    mmposetransfer set-statistics train_pictures train.npz \
        --network torchvision --weights inception_v3_google-0cc3c7bd.pth \
        --protocol gfla_256x176

Metrics take the file as real_statistics. Pictures are all of a folder, those
of it that a list names, or those of a config's training pairs, each once. They
are prepared as the protocol has it; network and protocol are written into the
file, and metrics of others refuse it.
"""

from pathlib import Path

from mmengine.registry import init_default_scope

from mmposetransfer.apis import find_config
from mmposetransfer.apis.model import check_device
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import read_config
from mmposetransfer.datasets.list_lines import read_list_lines
from mmposetransfer.datasets.listed_pictures import ListedPictures
from mmposetransfer.errors import UserValueError
from mmposetransfer.evaluation import get_protocol, save_set_statistics
from mmposetransfer.evaluation.picture_statistics import (
    statistics_of_pictures,
)
from mmposetransfer.io.atomic_write import check_writable
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.left_out import few
from mmposetransfer.models.backbones import (
    INCEPTION_VARIANTS,
    InceptionFeatures,
    LitePooled,
)
from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.progress import tracked
from mmposetransfer.utils.setup_env import register_all_modules

from .arguments import at_least, command_parser, spelled_as_options
from .left_out import tell_left_out
from .run_config import add_cfg_options

__all__ = ['main']


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('set-statistics', __doc__)
    parser.add_argument('pictures', help='a folder, or with --config a config')
    parser.add_argument('out', help='the file to be written, such as x.npz')
    parser.add_argument(
        '--config',
        action='store_true',
        help='the pictures are those of the training pairs of a config',
    )
    parser.add_argument(
        '--names',
        metavar='FILE',
        help='only the pictures of the folder that this list names: one a '
        'line, pairs, or with who is in them',
    )
    parser.add_argument(
        '--network',
        choices=('lite0', *INCEPTION_VARIANTS),
        default='lite0',
        help='whose features (default: lite0, EfficientNet-Lite0; the others '
        'are ways of Inception-v3)',
    )
    parser.add_argument(
        '--weights',
        metavar='FILE',
        help='path or URL of the weights; lite0 takes those of an installed '
        'package without',
    )
    parser.add_argument(
        '--protocol',
        default='gfla_256x176',
        help='how pictures are prepared (default: %(default)s)',
    )
    parser.add_argument(
        '--keep-features',
        action='store_true',
        help='keep the features of each picture, which KID needs',
    )
    parser.add_argument(
        '--batch-size',
        type=at_least(1),
        default=16,
        help='pictures at once (default: %(default)s)',
    )
    parser.add_argument(
        '--device', default='cpu', help='such as cuda (default: cpu)'
    )
    add_cfg_options(parser, 'train_dataloader.dataset.data_root=data/mine')
    args = parser.parse_args(argv)
    if args.names and args.config:
        parser.error('--names is of a folder, and not of a config')
    return args


def _of_folder(folder, names):
    """The pictures of a folder, all or those that a list names."""
    if names is None:
        found = find_pictures(folder)
        pictures = found.pictures
    else:
        listed = ListedPictures(_names_of_list(names), folder)
        if listed.missing:
            raise UserValueError(
                f"'{names}' names {len(listed.missing):,} pictures that "
                f"'{folder}' does not have, such as {few(listed.missing)}"
            )
        found, pictures = listed.found, listed.pictures.values()
    pictures = list(dict.fromkeys(pictures))
    tell_left_out(
        f'{folder}: {len(pictures):,} of {len(found.pictures):,} pictures '
        'taken',
        found.left_out,
    )
    return pictures


def _names_of_list(path):
    """All names of a list of pictures, of pairs, or of who is in them."""
    found = read_list_lines(path)
    if found.kind == 'identities':
        return [name for name, _ in found.rows]
    return [name for row in found.rows for name in row]


def _of_config(name, options):
    """The pictures of a config's training pairs, each once."""
    cfg = read_config(find_config(name), options)
    init_default_scope(cfg.get('default_scope', 'mmposetransfer'))
    if not cfg.get('train_dataloader'):
        raise UserValueError(f"'{name}' has no train_dataloader")
    # Not that of a stage, which may learn from pairs of its own.
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    if len(dataset) and 'ref_img_path' not in dataset.get_data_info(0):
        raise UserValueError(
            f"the training pictures of '{name}' are no files: write them by "
            '`mmposetransfer export-synthfashion`, and name the folder'
        )
    infos = map(dataset.get_data_info, range(len(dataset)))
    paths = {
        info[f'{side}_img_path']: None
        for info in infos
        for side in ('ref', 'tgt')
    }
    return list(paths)


@told_plainly('Less is taken by a smaller --batch-size.')
@spelled_as_options('device')
def main(argv=None):
    """Look at all pictures, write the file.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    check_device(args.device)
    register_all_modules()
    check_writable(args.out)
    protocol = get_protocol(args.protocol)
    if args.network == 'lite0':
        network = LitePooled(args.weights)
    else:
        network = InceptionFeatures(args.network, args.weights)
    if args.config:
        pictures = _of_config(args.pictures, args.cfg_options)
    else:
        pictures = _of_folder(args.pictures, args.names)
    statistics = statistics_of_pictures(
        tracked('looking')(pictures),
        network,
        protocol,
        args.keep_features,
        args.batch_size,
        args.device,
    )
    save_set_statistics(args.out, statistics)
    size = Path(args.out).stat().st_size / 1e6
    print(
        f"'{args.out}' ({size:.1f} MB): {statistics.count:,} pictures by "
        f"{statistics.features_of}, protocol '{protocol.name}'"
    )


if __name__ == '__main__':
    main()
