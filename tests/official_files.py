"""The converter of official checkpoints, called as its users do."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import torch

from mmposetransfer.cli import convert_official

ROOT = Path(__file__).parents[1]
TOOL = 'model_converters/official_to_mmposetransfer.py'


def convert(*args):
    """Run the tool in this process.

    Returns:
        tuple: What it exits with (None if all went well) and what it says.
    """
    said, code = io.StringIO(), None
    with redirect_stdout(said), redirect_stderr(said):
        try:
            convert_official.main([str(arg) for arg in args])
        except SystemExit as error:
            code = error.code
    return code, said.getvalue()


def run_tool(name, *args):
    """Run a tool in a process of its own."""
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools' / name), *map(str, args)],
        env=env,
        capture_output=True,
        text=True,
        timeout=400,
    )


def load(path):
    return torch.load(path, weights_only=True)


def save_old(networks, folder):
    """Write state dicts, by name, in torch's format before 1.6."""
    for name, weights in networks.items():
        torch.save(
            weights,
            folder / f'{name}.pth',
            _use_new_zipfile_serialization=False,
        )
