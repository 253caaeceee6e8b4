"""Make pictures of people that nobody has seen, in new poses, by DPIG.

    python demo/sample_people.py dpig/dpig_synthfashion_64 \
        work_dirs/dpig_synthfashion_64 --people 4 --poses 6

A row a person, a column a pose. How to keep a person or a pose, from Python:
configs/dpig/README.md.
"""

import argparse

import numpy as np
import torch

from mmposetransfer.apis import init_model
from mmposetransfer.cli.arguments import at_least, spelled_as_options
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.image_io import write_image
from mmposetransfer.models.methods import DPIG
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.visualization import (
    arrange_pictures,
    draw_skeleton,
    image_to_rgb,
)

# Pictures narrower than this are enlarged: titles have to fit.
MIN_WIDTH = 160


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'config', help='a config of DPIG: a path, or its name below configs/'
    )
    parser.add_argument(
        'checkpoint', help='trained weights, or the folder of a training'
    )
    parser.add_argument('--people', type=at_least(1), default=4)
    parser.add_argument('--poses', type=at_least(1), default=6)
    parser.add_argument('--seed', type=int, default=0, help='of the noise')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', default='demo_out/people.png')
    return parser.parse_args(argv)


def sample_grid(model, size, people, poses):
    """Rows of pictures, the first of which shows the poses.

    Args:
        model (DPIG): With its mappers.
        size (tuple[int, int]): (height, width) of a picture.
        people (int): Rows.
        poses (int): Columns.

    Returns:
        list[list[ndarray]]: (H, W, 3) uint8 RGB.
    """
    keypoints = model.sample(poses, size)['tgt_keypoints']
    scale = -(-MIN_WIDTH // size[1])
    black = np.zeros((scale * size[0], scale * size[1], 3), np.uint8)
    rows = [
        [draw_skeleton(black, joints, scale) for joints in keypoints.cpu()]
    ]
    for _ in range(people):
        codes = {
            name: model.sample_codes(name, 1) for name in model.generator.codes
        }
        made = model.sample(poses, size, codes=codes, keypoints=keypoints)
        pictures = map(image_to_rgb, made['pred_img'].cpu())
        rows.append([p.repeat(scale, 0).repeat(scale, 1) for p in pictures])
    return rows


@told_plainly()
@spelled_as_options('device')
def main(argv=None):
    """Sample, draw."""
    args = parse_args(argv)
    register_all_modules()
    model = init_model(args.config, args.checkpoint, args.device)
    if not isinstance(model, DPIG):
        raise UserValueError(
            f"'{args.config}' is a {type(model).__name__}, which does not "
            'sample people and poses: take a config of DPIG'
        )
    torch.manual_seed(args.seed)
    with torch.no_grad():
        rows = sample_grid(
            model, tuple(model.cfg.image_size), args.people, args.poses
        )
    titles = [f'pose {k + 1}' for k in range(args.poses)]
    grid = arrange_pictures(
        [dict(zip(titles, row, strict=True)) for row in rows]
    )
    write_image(args.out, grid[..., ::-1])
    print(args.out)


if __name__ == '__main__':
    main()
