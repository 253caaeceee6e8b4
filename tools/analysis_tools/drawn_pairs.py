"""Draw what a model makes of SynthFashion's test pairs, beside the truth.

    python tools/analysis_tools/drawn_pairs.py out.jpg --pairs 2 12 13

Rows of reference, result and truth; without --config of the model that comes
with the package. The people are ones that no shipped model has seen.
"""

import argparse

import cv2
import numpy as np
from pair_methods import Pair, made_by_model

from mmposetransfer.cli.arguments import at_least
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.io.image_io import write_image
from mmposetransfer.synthfashion import SynthFashionWorld

PEOPLE, SAME_STUDIO = 100, 0.85  # as the configs test


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('out', help='picture to write, .png or .jpg')
    parser.add_argument(
        '--pairs',
        type=at_least(0),
        nargs='+',
        default=list(range(12)),
        metavar='N',
        help='which of them (default: the first twelve)',
    )
    parser.add_argument('--config', help='of a model: a path or a name')
    parser.add_argument('--checkpoint', help='of that model')
    parser.add_argument(
        '--size',
        type=at_least(64),
        nargs=2,
        default=(256, 176),
        metavar=('H', 'W'),
    )
    parser.add_argument(
        '--columns', type=at_least(1), default=2, help='pairs a row'
    )
    return parser.parse_args(argv)


def draw_pairs(numbers, size):
    """The pairs of these numbers, with their poses."""
    world = SynthFashionWorld(
        size=tuple(size),
        split='test',
        num_people=PEOPLE,
        num_pairs=max(numbers) + 1,
        same_studio=SAME_STUDIO,
    )
    fields = ('ref_img', 'tgt_img', 'ref_keypoints', 'tgt_keypoints')
    drawn = {number: world.pair(number) for number in numbers}
    return [
        Pair(str(number), *(pair[field] for field in fields))
        for number, pair in drawn.items()
    ]


def sheet_of(pairs, results, columns):
    """Reference, result and truth of each pair; white where none is left."""
    cells = [
        np.hstack([pair.ref_img, results[pair.name], pair.gt_img])
        for pair in pairs
    ]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    framed = [
        cv2.copyMakeBorder(
            cell, 2, 2, 2, 2, cv2.BORDER_CONSTANT, None, [255] * 3
        )
        for cell in cells
    ]
    return np.vstack(
        [
            np.hstack(framed[start : start + columns])
            for start in range(0, len(framed), columns)
        ]
    )


@told_plainly()
def main(argv=None):
    """Draw, transfer, lay out."""
    args = parse_args(argv)
    pairs = draw_pairs(args.pairs, args.size)
    results = made_by_model(pairs, args.config, args.checkpoint, args.size)
    write_image(args.out, sheet_of(pairs, results, args.columns))
    print(args.out)


if __name__ == '__main__':
    main()
