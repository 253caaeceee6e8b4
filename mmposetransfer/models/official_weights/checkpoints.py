"""Official checkpoints made one checkpoint of ours."""

import hashlib
from pathlib import Path

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.version import __version__

from .convert import check_names, convert_network
from .recognise import tell_network

__all__ = ['convert_official_checkpoints']


def convert_official_checkpoints(paths, mode=None, as_component=False):
    """Make one checkpoint of the files of official networks.

    One network becomes a checkpoint of that network, as ``MODELS.build`` of
    its config makes it. Several become one of :class:`DIPT`, with the names
    of its components before those of the weights: ``flow_regressor.``,
    ``generator.``, ``pixel_warping.``, ``discriminator.``.

    Args:
        paths (Sequence[str | Path]): Files as the authors publish them, one
            network each. They are read as data, so nothing in them is
            executed.
        mode (str, optional): Of the generator; see
            :func:`convert_official_state_dict`.
        as_component (bool): Whether to name a single network's weights as
            those of a component of :class:`DIPT`, too, so that ``load_from``
            of a config takes them.

    Returns:
        dict: ``state_dict``, and ``meta``: ``model``, the config of the
        module or of :class:`DIPT`; ``sources``, for each network its
        ``component``, ``network``, ``file`` and the file's ``sha256``;
        ``mmposetransfer_version``.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If a file is no whole official network, or two are for
            one component.
    """
    components, sources = {}, {}
    for path in paths:
        source, weights, config = _convert_file(path, mode)
        component = source['component']
        if component in components:
            raise UserValueError(
                f'Two networks would be the {component}: '
                f"'{sources[component]['file']}' and '{source['file']}'. "
                'Leave one out.'
            )
        sources[component], components[component] = source, (weights, config)
    if not components:
        raise UserValueError('No files were given to be converted.')
    if mode is not None and not any(
        source['network'].startswith('netG of') for source in sources.values()
    ):
        raise UserValueError(
            f'mode={mode!r} was given, but there is no generator with two '
            'encoders (netG).'
        )
    meta = dict(
        sources=list(sources.values()), mmposetransfer_version=__version__
    )
    if len(components) == 1 and not as_component:
        ((weights, config),) = components.values()
        return dict(state_dict=weights, meta=dict(meta, model=config))
    return dict(
        state_dict={
            f'{component}.{key}': value
            for component, (weights, _) in components.items()
            for key, value in weights.items()
        },
        meta=dict(
            meta,
            model=dict(
                type='DIPT',
                **{
                    component: _within_method(config)
                    for component, (_, config) in components.items()
                },
            ),
        ),
    )


def _convert_file(path, mode):
    """The source, weights and config of the network in a file."""
    path = Path(path).expanduser()
    content = read_checkpoint(path)
    try:
        check_names(content)
        # The mode is of the generator, whatever else is converted with it.
        has_mode = tell_network(content) == 'netG'
        weights, network = convert_network(content, mode if has_mode else None)
    except ValueError as error:
        raise UserValueError(f"'{path}': {error}") from error
    source = dict(
        component=network.component,
        network=network.label,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    return source, weights, network.config


def _within_method(config):
    """Within the method the discriminator gives logits, as losses want."""
    if config['type'] == 'PatchDiscriminator':
        return dict(config, activation=None)
    return config
