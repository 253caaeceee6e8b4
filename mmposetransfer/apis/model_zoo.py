"""Names of the shipped configs, and where they lie."""

from fnmatch import fnmatch
from pathlib import Path

from mmengine.infer.infer import BaseInferencer

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.utils.build_errors import did_you_mean

__all__ = ['find_config', 'list_models']


# Folders of what is no model of pose transfer: files that others are based
# on, and classifiers that metrics look through.
_NO_MODELS = ('_base_', 'classifiers')


def _config_root():
    """The folder 'configs' of the checkout or of the installed package."""
    home = BaseInferencer._get_repo_or_mim_dir('mmposetransfer')
    return Path(home) / 'configs'


def list_models(pattern='*'):
    """Names of the shipped configs, each of which says a whole model.

    Args:
        pattern (str): Shell pattern with ``*`` and ``?``, without regard to
            upper and lower case.

    Returns:
        list[str]: Sorted names, such as 'dipt/full_deepfashion'; what
        `init_model`, `PoseTransferInferencer` and (with '.py')
        ``tools/train.py`` take. MMEngine lists the same models by the names
        of the metafiles, 'dipt_full_deepfashion', which are taken as well.

    Examples:
        >>> 'dipt/full_synthfashion_64' in list_models('*dipt*')
        True
    """
    return [
        name
        for name in _config_names()
        if name.partition('/')[0] not in _NO_MODELS
        and fnmatch(name.lower(), pattern.lower())
    ]


def _config_names():
    """Of all configs, without endings, sorted."""
    root = _config_root()
    return sorted(
        path.relative_to(root).with_suffix('').as_posix()
        for path in root.glob('*/*.py')
        if path.parent.name != '_base_'
    )


def _metafile_configs():
    """Names of the models in MMEngine's lists -> paths of their configs."""
    root = _config_root().parent
    configs = {}
    for model in BaseInferencer._get_models_from_metafile(str(root)):
        for name in (model['Name'], *model.get('Alias', ())):
            configs[name.lower()] = root / model['Config']
    return configs


def find_config(name):
    """The path of a config file.

    Args:
        name (str | Path): A path, or a name out of `list_models`; the folder
            may be left out where that is unambiguous. Or a name out of
            `mmengine.infer.BaseInferencer.list_models`. 'mmposetransfer::',
            as configs and ``mmengine.hub`` have it, may stand before it.

    Returns:
        Path: An existing file.

    Raises:
        FileNotFoundError: If there is none; the message suggests names.
        ValueError: If several have the name.
    """
    path = Path(str(name).removeprefix('mmposetransfer::'))
    if path.is_file():
        return path
    models = _config_names()
    wanted = path.with_suffix('') if path.suffix == '.py' else path
    wanted = wanted.as_posix()
    matches = [
        model
        for model in models
        if wanted == model or model.endswith(f'/{wanted}')
    ]
    if len(matches) == 1:
        return _config_root() / f'{matches[0]}.py'
    if matches:
        raise UserValueError(f"'{name}' may be any of {matches}")
    named = _metafile_configs()
    if wanted.lower() in named:
        return named[wanted.lower()]
    raise UserFileNotFoundError(
        f"there is no config file '{name}', and no model of that name; "
        '`mmposetransfer list-models` lists them.'
        + did_you_mean(wanted, models)
    )
