"""Draw the pictures of demo/inputs: two people of SynthFashion, four poses.

    python demo/draw_inputs.py

They are from the split that no model was trained on.
"""

import argparse
from pathlib import Path

from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.image_io import write_image
from mmposetransfer.synthfashion import SynthFashionWorld

# Name of the pictures -> index of the pair in the world.
PEOPLE = {'dress': 8, 'cardigan': 5}


def main():
    """Draw reference and target of each pair, and write their poses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--out-dir', type=Path, default=Path(__file__).parent / 'inputs'
    )
    out_dir = parser.parse_args().out_dir
    world = SynthFashionWorld(
        size=(256, 256), split='test', num_people=100, num_pairs=100
    )
    lines = ['name:keypoints_y:keypoints_x']
    for name, index in PEOPLE.items():
        pair = world.pair(index)
        for side, suffix in (('ref', ''), ('tgt', '_target')):
            file_name = f'{name}{suffix}.png'
            write_image(out_dir / file_name, pair[f'{side}_img'])
            points = pair[f'{side}_keypoints'].copy()
            points[points[:, 2] == 0] = -1
            xs, ys = points[:, :2].round().astype(int).T.tolist()
            lines.append(f'{file_name}:{ys}:{xs}')
    with atomic_write(out_dir / 'poses.csv', 'w') as file:
        file.write('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
