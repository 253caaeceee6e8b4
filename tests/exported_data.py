"""SynthFashion at 64x64 on disk, in the layout of DeepFashion."""

from mmposetransfer.datasets.preparing.synthfashion_export import (
    ExportSettings,
    export_synthfashion,
)

SETTINGS = ExportSettings(
    size=(64, 64), train_pairs=6, test_pairs=4, train_people=3, test_people=2
)


def export(root, **changes):
    """Write it; returns the settings."""
    settings = ExportSettings(**{**vars(SETTINGS), **changes})
    export_synthfashion(root, settings)
    return settings
