r"""Flow regressors side by side, for joints as estimators find them.

    python tools/analysis_tools/flow_regressors.py --size 64 64 \
        --model configs/dipt/full_synthfashion_64.py work_dirs/dipt

FittedFlow, and each trained model that is named, predict flow and visibility
of SynthFashion's test pairs from true joints, joints with Gaussian noise (of
a share of the person's height) and with some of them missing. For each: the
mean end-point error over the pixels that the truth calls visible, in pixels
and as a share of the picture's height; the same over those of them that the
prediction calls body, and their share (a fitted body wears neither skirt nor
hair); the share of pixels whose class of visibility is right; pairs whose
fits are trusted; and milliseconds of CPU time a pair.
"""

import argparse
import os
import time

for _name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_name, '1')

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mmposetransfer.apis import init_model  # noqa: E402
from mmposetransfer.datasets.transforms import (  # noqa: E402
    PackPoseTransferInputs,
)
from mmposetransfer.evaluation.functional import (  # noqa: E402
    confusion_matrix,
    end_point_error_sums,
    visibility_accuracy,
)
from mmposetransfer.geometry import PairFitter  # noqa: E402
from mmposetransfer.models import DIPT  # noqa: E402
from mmposetransfer.structures.visibility import BACKGROUND  # noqa: E402
from mmposetransfer.synthfashion import SynthFashionWorld  # noqa: E402
from mmposetransfer.utils.setup_env import (  # noqa: E402
    register_all_modules,
)

# Name -> (standard deviation as a share of the person's height, share of
# the joints that are missing).
JOINTS = {
    'true': (0, 0),
    'noise 1 %': (0.01, 0),
    'noise 2 %': (0.02, 0),
    'noise 3 %': (0.03, 0),
    '10 % missing': (0, 0.1),
    '30 % missing': (0, 0.3),
    'noise 2 %, 10 % missing': (0.02, 0.1),
}
BODY_METRES = 1.7
SIDES = ('ref_keypoints', 'tgt_keypoints')


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--pairs', type=int, default=50)
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--seed', type=int, default=0, help='of the noise')
    parser.add_argument(
        '--size', type=int, nargs=2, default=(256, 256), metavar=('H', 'W')
    )
    parser.add_argument(
        '--margin', type=float, default=0.03, help='of FittedFlow'
    )
    parser.add_argument(
        '--model',
        nargs=2,
        action='append',
        default=[],
        metavar=('CONFIG', 'CHECKPOINT'),
        help='a trained model of DIPT; may be given again',
    )
    return parser.parse_args()


def draw_pairs(args):
    """Packed inputs of the test pairs, and heights of people in pixels."""
    world = SynthFashionWorld(
        size=tuple(args.size),
        split='test',
        num_people=args.pairs,
        num_pairs=args.pairs,
    )
    pack, fit = PackPoseTransferInputs(), PairFitter()
    inputs, heights = [], []
    for index in range(args.pairs):
        pair = world.pair(index)
        inputs.append(pack(pair)['inputs'])
        fits = fit.fit(np.stack([pair[s] for s in SIDES]), args.size)
        heights.append(BODY_METRES * fits.camera[:, 0])
    return inputs, heights


def disturb(inputs, heights, noise, missing, seed):
    """Pairs whose joints an estimator might have found."""
    rng = np.random.default_rng(seed)
    disturbed = []
    for pair, sizes in zip(inputs, heights, strict=True):
        changed = {}
        for side, height in zip(SIDES, sizes, strict=True):
            joints = pair[side].clone()
            error = rng.normal(0, 1, (18, 2)) * noise * height
            joints[:, :2] += torch.from_numpy(error).float()
            joints[torch.from_numpy(rng.random(18) < missing)] = 0
            changed[side] = joints
        disturbed.append(dict(pair, **changed))
    return disturbed


@torch.no_grad()
def measure(model, inputs, batch_size):
    """What the module's docstring says, of one model and kind of joints."""
    sums, counts = np.zeros(2), np.zeros(2)
    right, trusted, seconds = [], 0, 0.0
    for start in range(0, len(inputs), batch_size):
        batch = inputs[start : start + batch_size]
        stacked = {k: torch.stack([b[k] for b in batch]) for k in batch[0]}
        ready = model.data_preprocessor(dict(inputs=stacked))['inputs']
        begin = time.process_time()
        prediction = model.predict_flow(ready)
        seconds += time.process_time() - begin
        truth = ready['visibility']
        covered = truth.masked_fill(prediction.visibility == BACKGROUND, 2)
        for n, seen in enumerate((truth, covered)):
            total, count = end_point_error_sums(
                prediction.flow, ready['flow'], seen
            )
            sums[n] += total.sum().item()
            counts[n] += count.sum().item()
        right += visibility_accuracy(
            confusion_matrix(prediction.visibility, truth)
        ).tolist()
        trusted += (
            len(batch)
            if prediction.trusted is None
            else int(prediction.trusted.sum())
        )
    return (
        *sums / counts,
        counts[1] / counts[0],
        np.mean(right),
        trusted / len(inputs),
        1000 * seconds / len(inputs),
    )


def main():
    """Draw, disturb, predict, print."""
    args = parse_args()
    register_all_modules()
    torch.set_num_threads(1)
    inputs, heights = draw_pairs(args)
    fitted = dict(type='FittedFlow', margin=args.margin, cache=0)
    models = {'FittedFlow': DIPT(flow_regressor=fitted).eval()}
    for config, checkpoint in args.model:
        models[f'{config} ({checkpoint})'] = init_model(config, checkpoint)
    for model in models.values():  # numba compiles
        measure(model, inputs[:1], 1)
    print(
        '| regressor | joints | EPE, px | % of height | on the body, px '
        '| covered | visibility | trusted | ms |'
    )
    print('|' + '---|' * 9)
    for name, model in models.items():
        for joints, (noise, missing) in JOINTS.items():
            given = disturb(inputs, heights, noise, missing, args.seed)
            epe, body, covered, right, trusted, time_ms = measure(
                model, given, args.batch_size
            )
            print(
                f'| {name} | {joints} | {epe:.2f} '
                f'| {100 * epe / args.size[0]:.1f} | {body:.2f} '
                f'| {100 * covered:.0f} % | {100 * right:.1f} % '
                f'| {100 * trusted:.0f} % | {time_ms:.0f} |',
                flush=True,
            )


if __name__ == '__main__':
    main()
