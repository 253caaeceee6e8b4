"""Make a checkpoint of ours from those that other authors publish.

Of DIPT one network gives a checkpoint of that network alone; several give one
of the whole method, which `mmposetransfer test` and `PoseTransferInferencer`
take:

    mmposetransfer convert-official netF.pth netF_ours.pth
    mmposetransfer convert-official netF.pth netG.pth netPW.pth netD.pth \
        dipt.pth

The generators of PATN, GFLA, NTED and PG2 are whole methods by themselves; a
checkpoint of TensorFlow (PG2) is given by its name or one of its files:

    mmposetransfer convert-official latest_net_netG.pth patn.pth
    mmposetransfer convert-official model.ckpt-0.index pg2.pth

Which method and network a file holds is read off its weights, whatever it is
called. Files are read as data: nothing in them is executed. See
docs/official_weights.md and docs/published_weights.md.
"""

import os

import torch
from mmengine.config import Config

from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.models import convert_official_checkpoints
from mmposetransfer.models.official_weights.dipt import MODES
from mmposetransfer.registry import MODELS

from .arguments import command_parser


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('convert-official', __doc__)
    parser.add_argument(
        'inputs',
        nargs='+',
        metavar='IN.pth',
        help='published checkpoints of one method: of DIPT, PATN, GFLA, NTED '
        'or PG2',
    )
    parser.add_argument('out', metavar='OUT.pth', help='what to write')
    parser.add_argument(
        '--mode',
        choices=sorted(MODES),
        help="mode of DIPT's generator, where its weights do not tell: those "
        'of hard_gate are the same as those of none, which is taken',
    )
    parser.add_argument(
        '--as-component',
        action='store_true',
        help='write a single network under the name of its component, such as '
        "'flow_regressor.', as load_from of a config takes it",
    )
    parser.add_argument(
        '--config-out',
        metavar='FILE.py',
        help='write the config of the model, too, for networks of other '
        'sizes than those of the shipped configs',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace files that are there already',
    )
    args = parser.parse_args(argv)
    for path in filter(None, (args.out, args.config_out)):
        if os.path.exists(path) and not args.overwrite:
            parser.error(
                f"'{path}' is there already. The last file named is the one "
                'to be written; --overwrite replaces it.'
            )
    if any(
        os.path.exists(args.out) and os.path.samefile(args.out, path)
        for path in args.inputs
        if os.path.exists(path)
    ):
        parser.error(f"'{args.out}' is to be read and to be written.")
    return args


def describe(checkpoint):
    """What was found, and what became of it."""
    meta = checkpoint['meta']
    lines = [
        f'{source["file"]}: {source["network"]} -> {source["component"]}'
        for source in meta['sources']
    ]
    if meta['model']['type'] == meta['sources'][0]['method']:
        method = MODELS.get(meta['model']['type'])
        absent = [
            component
            for component in method.COMPONENTS
            if component not in meta['model']
        ]
        if absent:
            lines.append(f'not there: {", ".join(absent)}')
    return '\n'.join(lines)


def write_config(model, path):
    """Write the config of a model as a file for ``_base_``."""
    text = Config(dict(model=model)).pretty_text
    with atomic_write(path, 'w') as file:
        file.write(f'# The model of converted official checkpoints.\n{text}')


@told_plainly()
def main(argv=None):
    """Convert, write, say what was done.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    checkpoint = convert_official_checkpoints(
        args.inputs, args.mode, args.as_component
    )
    with atomic_write(args.out, durable=True) as file:
        torch.save(checkpoint, file)
    if args.config_out:
        write_config(checkpoint['meta']['model'], args.config_out)
    print(describe(checkpoint))
    print(f'written: {", ".join(filter(None, (args.out, args.config_out)))}')
