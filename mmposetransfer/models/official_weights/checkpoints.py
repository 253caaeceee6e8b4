"""Published checkpoints made one checkpoint of ours."""

import hashlib
from pathlib import Path

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.io.tensorflow_checkpoint import (
    index_of,
    read_tensorflow_checkpoint,
)
from mmposetransfer.registry import MODELS
from mmposetransfer.version import __version__

from .convert import check_names, convert_network
from .recognise import tell_network, unwrapped

__all__ = ['convert_official_checkpoints']


def convert_official_checkpoints(paths, mode=None, as_component=False):
    """Make one checkpoint of the files of published networks.

    What is enough to transfer a pose becomes a checkpoint of the method, with
    the names of its components before those of the weights, such as
    ``generator.``; so do several networks. A single network that is not
    becomes a checkpoint of that network, as ``MODELS.build`` of its config
    makes it.

    Args:
        paths (Sequence[str | Path]): Files as the authors publish them, all
            of one method; of a checkpoint of TensorFlow its name or one of
            its files. They are read as data, so nothing in them is executed.
        mode (str, optional): Of DIPT's generator; see
            :func:`convert_official_state_dict`.
        as_component (bool): Whether to name a single network's weights as
            those of a component of its method in any case, so that
            ``load_from`` of a config takes them.

    Returns:
        dict: ``state_dict``, and ``meta``: ``model``, the config of the
        module or of the method; ``sources``, for each component its
        ``component``, ``network``, ``file`` and the file's ``sha256``;
        ``mmposetransfer_version``.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If a file is no whole published network, two are for one
            component, or they are of several methods.
    """
    sources, components, around = _convert_files(paths, mode)
    if mode is not None and not any(
        source['network'].startswith('netG of') for source in sources
    ):
        raise UserValueError(
            f'mode={mode!r} was given, but there is no generator with two '
            'encoders (netG).'
        )
    method = sources[0]['method']
    meta = dict(sources=sources, mmposetransfer_version=__version__)
    whole = as_component or _needed(method) <= components.keys()
    if len(components) == 1 and not whole:
        ((weights, config),) = components.values()
        return dict(state_dict=weights, meta=dict(meta, model=config))
    configs = {
        component: _within_method(config)
        for component, (_, config) in components.items()
    }
    return dict(
        state_dict={
            f'{component}.{key}': value
            for component, (weights, _) in components.items()
            for key, value in weights.items()
        },
        meta=dict(meta, model=dict(type=method, **around, **configs)),
    )


def _convert_files(paths, mode):
    """Sources; weights and config by component; what is around these."""
    sources, components, around = {}, {}, {}
    for path in paths:
        for source, weights, network in _convert_file(path, mode):
            component, method = source['component'], source['method']
            if component in components:
                raise UserValueError(
                    f'Two networks would be the {component}: '
                    f"'{sources[component]['file']}' and '{source['file']}'. "
                    'Leave one out.'
                )
            sources[component] = source
            components[component] = weights, network.configs[component]
            around |= network.around
            first = next(iter(sources.values()))
            if method != first['method']:
                raise UserValueError(
                    f"'{source['file']}' is a network of {method}, "
                    f"'{first['file']}' of {first['method']}: convert each "
                    'method by itself.'
                )
    if not components:
        raise UserValueError('No files were given to be converted.')
    return list(sources.values()), components, around


def _convert_file(path, mode):
    """Source and weights of each component in a file, and its network."""
    path = Path(path).expanduser()
    index = index_of(path)
    if index.is_file():
        # It holds checksums of all that lies in the other files.
        path, content = index, read_tensorflow_checkpoint(index)
    else:
        content = unwrapped(read_checkpoint(path))
    try:
        check_names(content)
        # The mode is of the generator, whatever else is converted with it.
        has_mode = tell_network(content) == 'netG'
        converted, network = convert_network(
            content, mode if has_mode else None
        )
    except ValueError as error:
        raise UserValueError(f"'{path}': {error}") from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for component, weights in converted.items():
        source = dict(
            method=network.method,
            component=component,
            network=network.label,
            file=path.name,
            sha256=digest,
        )
        yield source, weights, network


def _needed(method):
    """The components that a transfer needs."""
    cls = MODELS.get(method)
    return set(cls.COMPONENTS) - set(cls.TRAINING_ONLY)


def _within_method(config):
    """Within the method the discriminator gives logits, as losses want."""
    if config['type'] == 'PatchDiscriminator':
        return dict(config, activation=None)
    return config
