"""Put the person of a photograph into another pose.

For example, with the pictures that lie beside this script:

    python demo/image_demo.py demo/inputs/cardigan.png \
        dipt/full_synthfashion_64 work_dirs/quickstart \
        --keypoints demo/inputs/poses.csv --target demo/inputs/dress.png

with the weights that `make quickstart` has trained. The same as
`mmposetransfer infer`, which works from anywhere.
"""

from mmposetransfer.cli.infer import main, parse_args

__all__ = ['main', 'parse_args']

if __name__ == '__main__':
    main()
