"""Everything that is wrong with a config, told at once and before it runs.

A misspelt key of a config is mostly found late (the test loop of a training
run is built after days) or never (a class that takes ``**kwargs``). Here the
whole config is held against the registries and the constructors' signatures.
"""

from collections.abc import Iterator
from importlib import import_module

from mmengine.config import Config

from mmposetransfer.config.roles import runner_keys
from mmposetransfer.config.stages import stage_problems
from mmposetransfer.config.walk import ALMOST, ConfigWalker
from mmposetransfer.errors import UserValueError
from mmposetransfer.utils.build_errors import nearest_names, scope_problem


class ConfigError(UserValueError):
    """A config that cannot run as meant; lists every problem found."""

    def __init__(self, problems: list[str], source: str | None = None):
        self.problems = problems
        count = (
            '1 problem'
            if len(problems) == 1
            else (f'{len(problems)} problems')
        )
        lines = ''.join(f'\n  - {problem}' for problem in problems)
        super().__init__(f'{source or "The config"} has {count}:{lines}')


def check_config(cfg: Config | dict) -> None:
    """Check every key, type and argument of a config for the Runner.

    Args:
        cfg: The whole config, of any library whose types are installed.
            Nothing is built, and the config is not changed.

    Raises:
        ConfigError: Lists each problem with its dotted path, such as
            ``train_dataloader.dataset.pipeline[2]``, and the nearest valid
            name.
    """
    problems = list(config_problems(cfg))
    if problems:
        raise ConfigError(problems, getattr(cfg, 'filename', None))


def config_problems(cfg: Config | dict) -> Iterator[str]:
    """Each problem of a config as ``path: what is wrong``."""
    cfg = cfg._cfg_dict if isinstance(cfg, Config) else cfg
    scope = dict.get(cfg, 'default_scope') or 'mmengine'
    yield from _custom_import_problems(dict.get(cfg, 'custom_imports'))
    problem = scope_problem(scope)
    if problem:
        yield f'default_scope: {problem}.'
        return
    yield from _top_level_problems(cfg)
    walker = ConfigWalker(scope)
    for key, value in dict.items(cfg):
        yield from walker.top_level(key, value)
    yield from stage_problems(cfg, walker)


def _top_level_problems(cfg):
    """Keys that the Runner would pass over, being a letter off its own."""
    known = runner_keys()
    if 'model' not in cfg:
        yield "model: missing; a config has to name the 'model' to build."
    for key in sorted(set(cfg) - known):
        near = nearest_names(key, known - set(cfg), count=1, cutoff=ALMOST)
        if near:
            yield (
                f'{key}: the Runner knows no such key and would pass over '
                f"it. Did you mean '{near[0]}'?"
            )


def _custom_import_problems(custom_imports):
    custom_imports = custom_imports or {}
    modules = custom_imports.get('imports') or []
    for module in [modules] if isinstance(modules, str) else modules:
        try:
            import_module(module)
        except Exception as error:  # a user's module may raise anything
            if not custom_imports.get('allow_failed_imports'):
                yield (
                    f"custom_imports: importing '{module}' failed with "
                    f'{type(error).__name__}: {error}'
                )
