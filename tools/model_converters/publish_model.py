"""Make a trained model ready to be shipped: config, weights, digest.

    python tools/model_converters/publish_model.py \
        configs/completion/completion_synthfashion.py work_dirs/completion \
        completion_256x176 --out mmposetransfer/assets/weights

Writes NAME.py, the model's config without what only training needs;
NAME.safetensors, its weights in half precision, the moving average where
training kept one; and NAME.sha256. A folder of them is what
`mmposetransfer.apis.list_shipped` lists.
"""

import argparse
import hashlib
from pathlib import Path

from mmengine.config import Config
from safetensors.torch import save

from mmposetransfer.apis import init_model
from mmposetransfer.apis.model import without_training_only
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.registry import SCOPE
from mmposetransfer.utils.setup_env import register_all_modules


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('config', help='of the model: a path or a name')
    parser.add_argument(
        'checkpoint', help='path of the checkpoint, or a work directory'
    )
    parser.add_argument('name', help='that users will call the model by')
    parser.add_argument('--out', default='.', help='folder of the three files')
    return parser.parse_args(argv)


def shipped_config(model_cfg):
    """The text of a config file with the model alone."""
    cfg = dict(default_scope=SCOPE, model=without_training_only(model_cfg))
    return Config(cfg).pretty_text


def shipped_weights(model):
    """A file of a model's weights in half precision, as bytes."""
    return save(
        {
            key: (value.half() if value.is_floating_point() else value)
            .cpu()
            .contiguous()
            for key, value in model.state_dict().items()
        }
    )


@told_plainly()
def main(argv=None):
    """Load, convert, write."""
    args = parse_args(argv)
    register_all_modules()
    model = init_model(args.config, args.checkpoint)
    weights = shipped_weights(model)
    digest = hashlib.sha256(weights).hexdigest()
    files = {
        f'{args.name}.py': shipped_config(model.cfg.model).encode(),
        f'{args.name}.safetensors': weights,
        f'{args.name}.sha256': f'{digest}  {args.name}.safetensors\n'.encode(),
    }
    Path(args.out).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with atomic_write(Path(args.out) / name, 'wb') as file:
            file.write(content)
        print(f'{Path(args.out) / name}: {len(content) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
