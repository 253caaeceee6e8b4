"""Calibrate a trained classifier of clothes, test it, and make it ready.

    python tools/analysis_tools/calibrate_classifier.py \
        configs/classifiers/type_lite0_synthfashion.py \
        work_dirs/type_lite0_synthfashion --out mmposetransfer/assets/weights

A temperature is fitted to the pictures of `val_dataloader`, which the
classifier must not have learnt from. Two tables follow, of the pictures of
`test_dataloader`: as trained, and calibrated. `--out` writes NAME.json, the
model's config; NAME.safetensors, its weights in half precision with the
temperature; and NAME.sha256. `--temperature 1` leaves it as it is, as for a
classifier that is calibrated already.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from safetensors.torch import save

from mmposetransfer.apis import init_model
from mmposetransfer.apis.model import without_training_only
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.evaluation import (
    PoseTransferEvaluator,
    fit_temperature,
    format_table,
)
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.registry import DATASETS, SCOPE
from mmposetransfer.utils.setup_env import register_all_modules

BATCH = 64


def parse_args(argv=None):
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('config', help='of the classifier: a path or a name')
    parser.add_argument(
        'checkpoint', help='path of the checkpoint, or a work directory'
    )
    parser.add_argument(
        '--temperature', type=float, help='instead of one that is fitted'
    )
    parser.add_argument('--out', help='folder of the three files')
    return parser.parse_args(argv)


@torch.no_grad()
def look_at(model, dataset):
    """Samples with labels and the logits of a model."""
    samples = []
    for start in range(0, len(dataset), BATCH):
        stop = min(start + BATCH, len(dataset))
        batch = pseudo_collate([dataset[i] for i in range(start, stop)])
        samples += model.test_step(batch)
    return samples


def stacked(samples, name):
    """One field of all samples, (N, ...)."""
    return torch.stack([getattr(sample, name) for sample in samples])


def report(cfg, samples, dataset, title):
    """Print the numbers of the config's test, for each of its datasets."""
    by_source = {}
    for sample in samples:
        by_source.setdefault(int(sample.get('source', 0)), []).append(sample)
    for source, found in sorted(by_source.items()):
        evaluator = PoseTransferEvaluator(cfg.test_evaluator, baselines=[])
        evaluator.dataset_meta = dataset.metainfo
        evaluator.process(found)
        name = f'{title}, {len(found)} pictures'
        datasets = cfg.test_dataloader.dataset.get('datasets')
        if datasets:
            height, width = datasets[source].size
            name += f' of {height}x{width}'
        numbers = evaluator.evaluate(len(found))
        print(format_table(numbers, evaluator, name), end='\n\n')


def write(model, name, folder):
    """Config, weights and digest.

    What is counted and not learnt, such as variances, stays in single
    precision: half of it has no numbers as small.
    """
    learnt = dict(model.named_parameters())
    weights = save(
        {
            key: (value.half() if key in learnt else value).contiguous()
            for key, value in model.state_dict().items()
        }
    )
    cfg = Config(
        dict(default_scope=SCOPE, model=without_training_only(model.cfg.model))
    )
    digest = hashlib.sha256(weights).hexdigest()
    files = {
        'json': json.dumps(cfg.to_dict(), indent=2) + '\n',
        'safetensors': weights,
        'sha256': f'{digest}  {name}.safetensors\n',
    }
    for ending, content in files.items():
        content = content if ending == 'safetensors' else content.encode()
        path = Path(folder) / f'{name}.{ending}'
        with atomic_write(path, 'wb') as file:
            file.write(content)
        print(f'{path}: {len(content) / 1e6:.2f} MB')


@told_plainly()
def main(argv=None):
    """Fit, measure, write."""
    args = parse_args(argv)
    register_all_modules()
    model = init_model(args.config, args.checkpoint)
    model.temperature.fill_(1)
    test = DATASETS.build(model.cfg.test_dataloader.dataset)
    samples = look_at(model, test)
    report(model.cfg, samples, test, 'as trained')
    temperature = args.temperature
    if temperature is None:
        held_out = look_at(
            model, DATASETS.build(model.cfg.val_dataloader.dataset)
        )
        temperature = fit_temperature(
            stacked(held_out, 'logits'), stacked(held_out, 'labels')
        )
    print(f'temperature {temperature:.3f}\n')
    model.temperature.fill_(temperature)
    for sample in samples:
        sample.logits = sample.logits / temperature
    report(model.cfg, samples, test, 'calibrated')
    if args.out:
        write(model, Path(args.config).stem, args.out)


if __name__ == '__main__':
    main()
