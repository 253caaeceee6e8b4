"""Make a trained model ready to be shipped: config, weights, digest.

    mmposetransfer publish-model completion/completion_synthfashion \
        work_dirs/completion --out shipped

Writes NAME.py, the model's config and size without what only training needs;
NAME.safetensors, its weights in half precision, the moving average where
training kept one; and NAME.sha256. A folder of them is what
`mmposetransfer.apis.list_shipped` lists.
"""

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

from .arguments import command_parser

__all__ = ['main']


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('publish-model', __doc__)
    parser.add_argument('config', help='of the model: a path or a name')
    parser.add_argument(
        'checkpoint', help='path of the checkpoint, or a work directory'
    )
    parser.add_argument(
        '--name', help='of the model (default: that of its config)'
    )
    parser.add_argument('--out', default='.', help='folder of the three files')
    return parser.parse_args(argv)


def shipped_config(cfg):
    """The text of a config file with the model alone, and its size."""
    shipped = dict(default_scope=SCOPE, model=without_training_only(cfg.model))
    if 'image_size' in cfg:
        shipped['image_size'] = tuple(cfg.image_size)
    return Config(shipped).pretty_text


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
    """Load, convert, write.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    register_all_modules()
    model = init_model(args.config, args.checkpoint)
    weights = shipped_weights(model)
    name = args.name or Path(args.config).stem
    digest = hashlib.sha256(weights).hexdigest()
    files = {
        f'{name}.py': shipped_config(model.cfg).encode(),
        f'{name}.safetensors': weights,
        f'{name}.sha256': f'{digest}  {name}.safetensors\n'.encode(),
    }
    for file_name, content in files.items():
        path = Path(args.out) / file_name
        with atomic_write(path, 'wb') as file:
            file.write(content)
        print(f'{path}: {len(content) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
