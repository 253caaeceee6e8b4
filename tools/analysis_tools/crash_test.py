"""Kill a training run again and again, and see whether it matters.

A run is made without interruption, and another that is killed by SIGKILL at
random moments of all stages, and at chosen ones, such as while a checkpoint
is written, and resumed by --resume each time. At the end their weights,
averaged weights, optimizers, schedulers, random states and logs are compared
to the bit.

python tools/analysis_tools/crash_test.py --kills 30
"""

import argparse
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import mmengine
import torch
from compare_runs import compare_runs, print_report, read_scalars
from mmengine.config import Config, DictAction

ROOT = Path(__file__).resolve().parents[2]
# Moments that every third kill or so hits, one after the other.
MOMENTS = (
    'half-written',
    'before-rename',
    'stage-switch',
    'validation',
    'after-rename',
    'before-last',
    'before-removal',
    'start',
    'validated',
)


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'config',
        nargs='?',
        default=ROOT / 'configs/dipt/full_synthfashion_64.py',
    )
    parser.add_argument('--kills', type=int, default=30)
    parser.add_argument('--seed', type=int, default=0, help='of the moments')
    parser.add_argument('--work-dir', default='work_dirs/crash_test')
    parser.add_argument(
        '--full',
        action='store_true',
        help='train as the config says, not a small model for 58 steps',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
    )
    return parser.parse_args()


def shrink(cfg):
    """Cut a config of the whole method down to a minute.

    Checkpoints are written every three steps and every epoch, weights are
    averaged, the model is validated, pairs are loaded by two workers, and
    gradients are accumulated over two steps. The second stage counts
    iterations, and cuts its last pass of the data short.
    """
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.update(num_workers=2, persistent_workers=True, batch_size=2)
        loader.dataset.update(num_people=4, num_pairs=14, cache=True)
    cfg.test_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.test_dataloader.dataset.num_pairs = 2
    narrow = dict(base_channels=4, max_channels=8)
    cfg.model.merge(
        dict(
            flow_regressor=dict(backbone=narrow),
            generator=narrow,
            pixel_warping=narrow,
            discriminator=dict(base_channels=4),
        )
    )
    cfg.model.loss_perceptual = None
    stages = cfg.custom_hooks[0].stages
    for stage, epochs in zip(stages, (3, 3, 2), strict=True):
        stage.update(
            epochs=epochs,
            freeze_norm=1,
            param_scheduler=[
                dict(
                    type='CosineAnnealingLR',
                    T_max=epochs,
                    convert_to_iter_based=True,
                )
            ],
        )
    stages[1].update(
        epochs=None,
        iters=23,
        components=dict(generator=0, discriminator=9),
        freeze_norm=12,
        val_interval=5,
        param_scheduler=[
            dict(type='CosineAnnealingLR', T_max=23, by_epoch=False)
        ],
    )
    cfg.update(
        val_dataloader=cfg.test_dataloader,
        val_cfg=dict(),
        val_evaluator=[dict(type='ImageQuality')],
    )
    cfg.merge_from_dict(
        dict(
            train_cfg=dict(val_interval=2),
            optim_wrapper=dict(flow_regressor=dict(accumulative_counts=2)),
            default_hooks=dict(
                logger=dict(interval=1),
                checkpoint=dict(max_keep_ckpts=2),
                checkpoint_steps=dict(
                    type='CheckpointHook',
                    by_epoch=False,
                    interval=3,
                    max_keep_ckpts=1,
                ),
            ),
        )
    )
    cfg.custom_hooks.append(dict(type='EMAHook', momentum=0.1))


def plan_kills(count, steps, rng):
    """Moments in the order in which training comes to them.

    Args:
        count (int): How many.
        steps (int): Length of the run.
        rng (random.Random): Where they come from.

    Returns:
        list[tuple]: (point, step, seconds from there), as for
        crash_points.py.
    """
    at = sorted(rng.randrange(steps * 7 // 8) for _ in range(count))
    kills = []
    for number, step in enumerate(at):
        point = MOMENTS[number // 3 % len(MOMENTS)]
        # At the end these would leave no steps for the kills after them.
        if number % 3 == 2 and not (
            'valid' in point and step > steps * 5 // 8
        ):
            delay = rng.uniform(0, 8) if point == 'start' else 0
        else:
            point, delay = 'step', rng.uniform(0, 0.4)
        kills.append((point, step, delay))
    return kills


def train(config, work_dir, *options, trap=None):
    """Train in a process of its own; returns its code and its output."""
    start = (
        [ROOT / 'tools/train.py']
        if trap is None
        else [ROOT / 'tools/analysis_tools/crash_points.py', *trap]
    )
    paths = [str(ROOT), *filter(None, [os.environ.get('PYTHONPATH')])]
    done = subprocess.run(
        [
            sys.executable,
            *map(str, start),
            str(config),
            '--work-dir',
            str(work_dir),
            *options,
        ],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(paths)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def killed_run(config, work_dir, kills):
    """Train with interruptions until the end.

    Args:
        config (Path): The config.
        work_dir (Path): Its own.
        kills (list[tuple]): Of :func:`plan_kills`.

    Returns:
        int: How many times the process was killed.
    """
    print(
        f'{"kill":>4}  {"moment":14}{"from step":>9}{"delay":>7}'
        f'{"resumed at":>12}{"killed at":>11}  damaged or unfinished files'
    )
    count = 0
    for kill in kills:
        code, output = train(config, work_dir, '--resume', trap=kill)
        if code == 0:
            print(f'      {kill[0]:14}{kill[1]:9}: training ended before it')
            break
        if code != -9:
            raise SystemExit(f'Training failed ({code}):\n{output[-4000:]}')
        count += 1
        resumed = re.findall(r'resumed epoch: \d+, iter: (\d+)', output)
        steps = [
            line['iter'] for line in read_scalars(work_dir) if 'iter' in line
        ]
        parts = [path.name for path in Path(work_dir).glob('.*.part')]
        print(
            f'{count:4}  {kill[0]:14}{kill[1]:9}{kill[2]:7.2f}'
            f'{resumed[-1] if resumed else "-":>12}'
            f'{steps[-1] if steps else 0:>11}  {" ".join(parts)}',
            flush=True,
        )
    code, output = train(config, work_dir, '--resume')
    if code:
        raise SystemExit(f'Training failed ({code}):\n{output[-4000:]}')
    return count


def main():
    """Make both runs and compare them."""
    args = parse_args()
    folder = Path(args.work_dir) / time.strftime('%Y%m%d_%H%M%S')
    folder.mkdir(parents=True)
    cfg = Config.fromfile(args.config)
    if not args.full:
        shrink(cfg)
    cfg.merge_from_dict(args.cfg_options)
    config = folder / 'config.py'
    cfg.dump(config)
    print(
        f'mmengine {mmengine.__version__} of {mmengine.__path__[0]}, torch '
        f'{torch.__version__}',
        flush=True,
    )
    start = time.monotonic()
    code, output = train(config, folder / 'whole')
    if code:
        raise SystemExit(f'Training failed ({code}):\n{output[-4000:]}')
    steps = max(line.get('iter', 0) for line in read_scalars(folder / 'whole'))
    print(
        f'Without interruption: {steps} steps in '
        f'{time.monotonic() - start:.0f} s.'
    )
    kills = plan_kills(args.kills, steps, random.Random(args.seed))
    count = killed_run(config, folder / 'killed', kills)
    print(f'{count} kills; compared with the run without:')
    equal = print_report(compare_runs(folder / 'whole', folder / 'killed'))
    print('VERDICT: ' + ('the same to the bit' if equal else 'NOT THE SAME'))
    sys.exit(0 if equal and count == args.kills else 1)


if __name__ == '__main__':
    main()
