"""Test pairs of a config as files, for the command that scores folders."""

from mmposetransfer.io.image_io import write_image
from mmposetransfer.registry import DATASETS

__all__ = ['write_pairs']


def write_pairs(cfg, folder):
    """Pictures of the test pairs in ``truths``, their list in ``pairs.csv``.

    Args:
        cfg (Config): Its types have to be registered.
        folder (Path): Where they go.
    """
    dataset = cfg.test_dataloader.dataset
    *changes, _ = dataset.pipeline  # the last step packs
    dataset = DATASETS.build(dict(dataset, pipeline=changes))
    pairs = [dataset[i] for i in range(len(dataset))]
    for pair in pairs:
        for side in ('ref', 'tgt'):
            name = f'{pair[f"{side}_id"]}.png'
            write_image(folder / 'truths' / name, pair[f'{side}_img'])
    rows = [f'{pair["ref_id"]}.png,{pair["tgt_id"]}.png' for pair in pairs]
    (folder / 'pairs.csv').write_text('\n'.join(['from,to', *rows]))
