r"""Judge methods on pairs of photographs of which the truth is known.

    python tools/analysis_tools/real_pairs.py FOLDER --geometry --shipped \
        --config dipt/full_synthfashion_64 --checkpoint work_dirs/quickstart \
        --results theirs=FOLDER_OF_PICTURES --show-dir pages

FOLDER has for each pair NN a reference NN_ref.png and the truth NN_gt.png, the
same person in another pose; keypoints.csv with the joints of both, in their
pixels; and maybe NN_xmdpt.png, what X-MDPT-L made of the pair. All pictures
are brought to --size before anything else, whatever their aspect: those of
DeepFashion are squashed to 256x256, and only right at 256x176. A folder of
--results has a picture for each pair, called NN or NN_..., of any size.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from pair_methods import (
    made_by_model,
    read_pairs,
    read_results,
    warped_by_fits,
)

from mmposetransfer.cli.arguments import at_least, spelled_as_options
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.datasets import picture_id
from mmposetransfer.errors import UserValueError
from mmposetransfer.evaluation import (
    Baseline,
    ImageQuality,
    Lite0Distance,
    PoseTransferEvaluator,
    Sharpness,
    format_table,
)
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.image_io import write_image
from mmposetransfer.visualization import image_from_bgr

PROTOCOL = 'gfla'  # its SSIM: a uniform window of 51 pixels
PAIRS_A_PAGE = 5


class Method(Baseline):
    """A row of the table, and what was made of each pair."""

    def __init__(self, title, pictures):
        self.name = self.title = title
        self.pictures = pictures  # pair's name -> uint8 BGR

    def predict(self, sample):
        """The picture of the sample's pair."""
        return dict(pred_img=image_from_bgr(self.pictures[sample['name']]))


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('folder', help='of the pairs')
    parser.add_argument(
        '--size',
        type=at_least(51),
        nargs=2,
        default=(256, 176),
        metavar=('H', 'W'),
        help='that pictures are brought to and judged at',
    )
    parser.add_argument(
        '--geometry',
        action='store_true',
        help='bodies fitted to both poses, the reference warped, no network',
    )
    parser.add_argument(
        '--shipped',
        action='store_true',
        help='the model that is used where none is named',
    )
    parser.add_argument('--config', help='of a model: a path or a name')
    parser.add_argument('--checkpoint', help='of that model')
    parser.add_argument(
        '--results',
        nargs='+',
        default=[],
        metavar='NAME=FOLDER',
        help='pictures that something else made of the pairs',
    )
    parser.add_argument('--show-dir', help='where to draw pages of all pairs')
    return parser.parse_args(argv)


def find_methods(args, pairs):
    """The rows of the table, in order."""
    found = {'copy the reference': {p.name: p.ref_img for p in pairs}}
    if args.geometry:
        found['geometry, no network'] = warped_by_fits(pairs, args.size)
    if args.shipped:
        found['the shipped model'] = made_by_model(
            pairs, None, None, args.size
        )
    if args.config:
        found[Path(args.config).stem] = made_by_model(
            pairs, args.config, args.checkpoint, args.size
        )
    for entry in args.results:
        name, _, folder = entry.partition('=')
        if not name or not folder or name in found:
            raise UserValueError(
                f'--results takes NAME=FOLDER with names of their own, got '
                f'{entry!r}'
            )
        found[name] = read_results(pairs, folder, args.size)
    if any(
        picture_id(name).endswith('_xmdpt')
        for name in find_pictures(args.folder).names
    ):
        found['X-MDPT-L'] = read_results(
            pairs, args.folder, args.size, '_xmdpt'
        )
    return [Method(*row) for row in found.items()]


def judge(pairs, methods):
    """All methods' numbers as one table."""
    samples = [
        dict(name=pair.name, gt_img=image_from_bgr(pair.gt_img))
        for pair in pairs
    ]
    evaluator = PoseTransferEvaluator(
        [
            metric(PROTOCOL)
            for metric in (ImageQuality, Lite0Distance, Sharpness)
        ],
        methods,
    )
    numbers = {}
    for metric in evaluator.metrics:
        for sample in samples:
            metric.process_methods(
                [sample],
                {m.name: [m.predictions_of(sample)] for m in methods},
            )
        numbers |= metric.evaluate(len(samples))
    return format_table(numbers, evaluator)


def draw_pages(folder, pairs, methods):
    """Some pairs a page: reference, every method, truth, at full size."""
    titles = ['reference', *(m.title for m in methods[1:]), 'truth']
    for start in range(0, len(pairs), PAIRS_A_PAGE):
        rows = [
            np.hstack(
                [
                    pair.ref_img,
                    *(m.pictures[pair.name] for m in methods[1:]),
                    pair.gt_img,
                ]
            )
            for pair in pairs[start : start + PAIRS_A_PAGE]
        ]
        page = cv2.copyMakeBorder(
            np.vstack(rows), 20, 0, 0, 0, cv2.BORDER_CONSTANT, None, (255,) * 3
        )
        width = page.shape[1] // len(titles)
        for column, title in enumerate(titles):
            cv2.putText(
                page,
                title[: width // 8],
                (column * width + 4, 14),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.4,
                (0, 0, 0),
                1,
                cv2.LINE_AA,
            )
        path = Path(folder) / f'pairs_{pairs[start].name}.png'
        write_image(path, page)
        print(path)


@told_plainly()
@spelled_as_options(image_name='the name of the picture')
def main(argv=None):
    """Read, make, judge, draw."""
    args = parse_args(argv)
    if args.checkpoint and not args.config:
        raise UserValueError('--checkpoint needs the --config of its model')
    pairs = read_pairs(
        args.folder,
        args.size,
        bool(args.geometry or args.shipped or args.config),
    )
    methods = find_methods(args, pairs)
    print(judge(pairs, methods))
    print(f'n = {len(pairs)}, all at {args.size[0]}x{args.size[1]}')
    if args.show_dir:
        draw_pages(args.show_dir, pairs, methods)


if __name__ == '__main__':
    main()
