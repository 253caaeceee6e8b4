"""Draw what training sees: images, poses, flow, visibility, warped reference.

    mmposetransfer browse-dataset dipt/full_deepfashion --stage flow \
        --out strips

The dataset of a config is read as its training reads it, random augmentation
included. Flow and visibility are there where the stage reads them; the warped
image is the reference warped by the true flow.
"""

import os

from mmengine.registry import init_default_scope

from mmposetransfer.apis import find_config
from mmposetransfer.engine.stage import merge
from mmposetransfer.models.warping import warp_image
from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.config_file import read_config
from mmposetransfer.utils.file_names import pair_name
from mmposetransfer.utils.image_io import write_image
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import tracked
from mmposetransfer.utils.random_state import seed_generators
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.visualization import image_from_bgr, make_grid, make_strip

from .arguments import at_least, command_parser
from .left_out import tell_left_out
from .run_config import add_cfg_options

__all__ = ['BROWSED_PANELS', 'browsed_dataset', 'browsed_sample', 'main']

#: What the strips show, where it is there.
BROWSED_PANELS = (
    'reference',
    'reference_pose',
    'truth',
    'target_pose',
    'true_flow',
    'true_visibility',
    'warped',
)


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('browse-dataset', __doc__)
    parser.add_argument(
        'config',
        help='its path, or a name that `mmposetransfer list-models` prints',
    )
    parser.add_argument(
        '--out', default='work_dirs/browse', help='folder of the pictures'
    )
    parser.add_argument(
        '--split',
        choices=('train', 'val', 'test'),
        default='train',
        help='whose loader (default: train)',
    )
    parser.add_argument(
        '--stage',
        metavar='NAME',
        help='of training, such as flow; default: the first',
    )
    parser.add_argument(
        '--number',
        type=at_least(1),
        default=8,
        help='of pairs, spread evenly (default: 8)',
    )
    parser.add_argument(
        '--indices', type=at_least(0), nargs='+', help='these pairs instead'
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='of the augmentation'
    )
    add_cfg_options(parser, 'train_dataloader.dataset.data_root=data/mine')
    return parser.parse_args(argv)


def browsed_dataset(cfg, split='train', stage=None):
    """The dataset of a config's loader, as a stage of training has it.

    Args:
        cfg (Config): Of a run.
        split (str): 'train', 'val' or 'test'.
        stage (str, optional): Name of a training stage, for 'train'. Defaults
            to the first one.

    Returns:
        Dataset: Its samples hold all inputs that it knows.

    Raises:
        ValueError: If the config has no such loader or stage.
    """
    loader = cfg.get(f'{split}_dataloader')
    if loader is None:
        raise ValueError(f"The config has no '{split}_dataloader'.")
    if split == 'train':
        loader = merge(loader, _stage(cfg, stage).get('train_dataloader', {}))
    dataset = loader['dataset']
    for transform in dataset['pipeline']:
        if transform['type'] == 'PackPoseTransferInputs':
            transform.pop('keys', None)
    return DATASETS.build(dataset)


def _stage(cfg, name):
    stages = [
        stage
        for hook in cfg.get('custom_hooks', [])
        if hook['type'] == 'StagedTrainingHook'
        for stage in hook['stages']
    ]
    for stage in stages:
        if name in (None, stage['name']):
            return stage
    if name is None:
        return {}
    raise ValueError(
        f"The config has no stage '{name}'; it has "
        f'{[stage["name"] for stage in stages]}.'
    )


def browsed_sample(dataset, index, seed=0):
    """A pair, as a data sample that can be drawn.

    Args:
        dataset (Dataset): Of :func:`browsed_dataset`.
        index (int): Of the pair.
        seed (int): Of the augmentation.

    Returns:
        PoseTransferDataSample: With the reference warped by the true flow,
        where that is known.
    """
    seed_generators(seed, index)
    packed = dataset[index]
    inputs, sample = packed['inputs'], packed['data_samples']
    sample.ref_img = _image(inputs['ref_img'])
    if 'tgt_img' in inputs:
        sample.gt_img = _image(inputs['tgt_img'])
    sample.ref_keypoints = inputs['ref_keypoints']
    sample.tgt_keypoints = inputs['tgt_keypoints']
    if 'flow' in inputs:
        sample.gt_flow = inputs['flow']
        sample.gt_visibility = inputs['visibility']
        sample.warped_img = warp_image(
            sample.ref_img[None],
            sample.gt_flow[None],
            sample.gt_visibility[None],
        )[0]
    return sample


def _image(tensor):
    return image_from_bgr(tensor.permute(1, 2, 0).numpy())


@told_plainly()
def main(argv=None):
    """Write one strip a pair, and all of them in one picture.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    register_all_modules()
    cfg = read_config(find_config(args.config), args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmposetransfer'))
    dataset = browsed_dataset(cfg, args.split, args.stage)
    indices = args.indices or [
        k * len(dataset) // args.number
        for k in range(min(args.number, len(dataset)))
    ]
    wrong = [i for i in indices if not 0 <= i < len(dataset)]
    if wrong:
        raise ValueError(
            f'there are no pairs {wrong}; the dataset has {len(dataset)}'
        )
    left_out = getattr(dataset, 'left_out', None)
    if left_out:
        tell_left_out(f'{len(dataset):,} pairs taken', left_out)
    samples = []
    for index in tracked('drawing')(indices):
        sample = browsed_sample(dataset, index, args.seed)
        samples.append(sample)
        name = f'{index:06d}_{pair_name(sample, index)}.png'
        strip = make_strip(sample, BROWSED_PANELS)
        write_image(os.path.join(args.out, name), strip[..., ::-1])
    grid = make_grid(samples, BROWSED_PANELS)
    write_image(os.path.join(args.out, 'grid.png'), grid[..., ::-1])
    print(
        f'{args.out}: {len(samples)} strips of {len(dataset):,} pairs, and '
        'grid.png'
    )
