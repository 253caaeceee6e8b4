"""Draw a contact sheet of SynthFashion pairs: reference and target."""

import argparse

import cv2
import numpy as np

from mmposetransfer.io.image_io import write_image
from mmposetransfer.synthfashion import SPLITS, SynthFashionWorld


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', help='picture to write, .png or .jpg')
    parser.add_argument('--rows', type=int, default=4)
    parser.add_argument('--columns', type=int, default=6, help='pairs a row')
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 256),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument(
        '--crop',
        type=float,
        default=0.75,
        help='part of the width that is kept, in (0, 1]',
    )
    parser.add_argument(
        '--shrink',
        type=float,
        default=1.0,
        help='factor by which the sheet is made smaller',
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--split', choices=SPLITS, default='train')
    parser.add_argument(
        '--first', type=int, default=0, help='index of the first pair'
    )
    parser.add_argument(
        '--truth',
        action='store_true',
        help='add flow and visibility to each pair',
    )
    return parser.parse_args()


def draw_truth(sample):
    """Flow as hue and saturation, visibility as grey, side by side."""
    dx, dy = sample['flow']
    angle = (np.degrees(np.arctan2(dy, dx)) % 360 / 2).astype(np.uint8)
    length = np.hypot(dx, dy)
    share = np.clip(length / (0.4 * max(dx.shape)) * 255, 0, 255)
    hsv = np.stack(
        [angle, share.astype(np.uint8), np.full_like(angle, 255)], -1
    )
    grey = np.array([255, 110, 0], np.uint8)[sample['visibility'][0]]
    return [
        cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR),
        np.repeat(grey[..., None], 3, 2),
    ]


def main():
    args = parse_args()
    world = SynthFashionWorld(tuple(args.size), args.seed, args.split)
    cut = round(args.size[1] * (1 - args.crop) / 2)
    cells = []
    for index in range(args.first, args.first + args.rows * args.columns):
        sample = world.pair(index)
        pictures = [sample['ref_img'], sample['tgt_img']]
        if args.truth:
            pictures += draw_truth(sample)
        cell = np.hstack(
            [picture[:, cut : args.size[1] - cut] for picture in pictures]
        )
        cells.append(
            cv2.copyMakeBorder(
                cell, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(255, 255, 255)
            )
        )
    sheet = np.vstack(
        [
            np.hstack(cells[row : row + args.columns])
            for row in range(0, len(cells), args.columns)
        ]
    )
    if args.shrink != 1:
        sheet = cv2.resize(
            sheet,
            None,
            fx=1 / args.shrink,
            fy=1 / args.shrink,
            interpolation=cv2.INTER_AREA,
        )
    write_image(args.out, sheet)
    print(
        f'{args.out}: {sheet.shape[1]}x{sheet.shape[0]}, pairs '
        f'{args.first} to {args.first + len(cells) - 1}'
    )


if __name__ == '__main__':
    main()
