#!/usr/bin/env python3
"""Makes an .rknn file of this folder with RKNN-Toolkit 1.7 (not toolkit 2, which has no RV1126).

    python3 convert.py [--target rv1126] [--plain]

With ranges (NAME.ranges.cfg) the toolkit's hybrid quantization is used: step 1 makes its own file, into which our ranges and types are
put by the layers' names, and step 2 builds. --plain leaves the ranges out and lets the toolkit calibrate by itself.

    python3 convert.py --merge STEP1.cfg RANGES.cfg RESULT.cfg

does the middle step alone and needs no toolkit.
"""
import argparse
import os
import re
import sys

NAME = @NAME@
MEAN = @MEAN@
STD = @STD@
CHANNELS = @CHANNELS@
METHOD = @METHOD@
IMAGES = @IMAGES@
HYBRID = @HYBRID@

# Layers with weights: a range of theirs that is not found would be another than the one that was judged.
WEIGHTED = ('Conv_', 'Gemm_')


def read_yaml(path):
    try:
        from ruamel.yaml import YAML  # the toolkit brings it
        with open(path) as file:
            return YAML(typ='safe', pure=True).load(file)
    except ImportError:
        import yaml
        with open(path) as file:
            # PyYAML knows version 1.1 alone and warns of the directive.
            return yaml.safe_load(file.read().replace('%YAML 1.2\n---\n', ''))


def write_yaml(path, document):
    def scalar(value):
        return repr(value) if isinstance(value, float) else str(value)

    with open(path, 'w') as file:
        file.write('%YAML 1.2\n---\n')
        for key, value in document.items():
            if key in ('customized_quantize_layers', 'quantize_parameters'):
                continue
            file.write('%s: %s\n' % (key, scalar(value)))
        layers = document['customized_quantize_layers']
        file.write('customized_quantize_layers:%s\n' % ('' if layers else ' {}'))
        for layer, method in layers.items():
            file.write("    '%s': %s\n" % (layer.replace("'", "''"), method))
        file.write('quantize_parameters:\n')
        for key, fields in document['quantize_parameters'].items():
            file.write("    '%s':\n" % key.replace("'", "''"))
            for field, value in fields.items():
                if isinstance(value, (list, tuple)):
                    inner = ', '.join(scalar(item) for item in value)
                    value = '[ %s ]' % inner if inner else '[]'
                file.write('        %s: %s\n' % (field, scalar(value)))


def split(key):
    layer, _, tensor = key.lstrip('@').rpartition(':')
    return layer, tensor


def wanted_name(layer, numbered):
    """A layer of the toolkit as we call it: without the number that it draws, and an output as the layer that yields it."""
    if layer.startswith('attach_'):
        layer = re.sub(r'/out\d+(_\d+)?$', '', layer[len('attach_'):])
        return layer, re.sub(r'_\d+$', '', layer)
    return (re.sub(r'_\d+$', '', layer) if numbered else layer), None


def match(theirs, ours, numbered):
    """The toolkit's keys and our keys for the same tensors."""
    found = {}
    for key in theirs:
        layer, tensor = split(key)
        for name in wanted_name(layer, numbered):
            if name is not None and '@%s:%s' % (name, tensor) in ours:
                found[key] = '@%s:%s' % (name, tensor)
                break
    return found


def merge(step1, ranges, result):
    document, own = read_yaml(step1), read_yaml(ranges)
    theirs, ours = document['quantize_parameters'], own['quantize_parameters']
    # Whether all of its names have a number is for the file to show: the reading in which more of ours are found.
    with_numbers, without = match(theirs, ours, True), match(theirs, ours, False)
    found = with_numbers if len(with_numbers) >= len(without) else without
    for key, name in found.items():
        fields = dict(ours[name])
        for field in [field for field in theirs[key] if field not in fields and field not in ('scale', 'fl')]:
            fields[field] = theirs[key][field]
        theirs[key] = fields
    layers = {}
    chosen = own['customized_quantize_layers'] or {}
    for key, name in found.items():
        layer = split(name)[0]
        if layer in chosen and not split(key)[0].startswith('attach_'):
            layers[split(key)[0]] = chosen[layer]
    # Layers of floats have no ranges, and are found by name alone.
    for layer, method in chosen.items():
        if layer not in [split(name)[0] for name in found.values()]:
            for key in theirs:
                if wanted_name(split(key)[0], found is with_numbers)[0] == layer:
                    layers[split(key)[0]] = method
    document['customized_quantize_layers'] = layers
    write_yaml(result, document)
    lost = sorted(set(ours) - set(found.values()))
    print('%d of %d ranges of the model are in %s.' % (len(ours) - len(lost), len(ours), result))
    # The toolkit takes functions together with the layer before them, and has no tensor of their own then.
    for key in lost:
        print('not in the toolkit\'s file: %s' % key)
    missing = [key for key in lost if key.startswith(tuple('@' + prefix for prefix in WEIGHTED)) and key.endswith(':weight')]
    if missing:
        sys.exit('Layers with weights are called otherwise there; the ranges would be the toolkit\'s own. Nothing is built.')


def checked(result, what):
    if result != 0:
        sys.exit('%s failed with %d.' % (what, result))


def build(target, plain):
    from rknn.api import RKNN
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    rknn = RKNN(verbose=False)
    settings = dict(mean_values=MEAN, std_values=STD, reorder_channel=CHANNELS, target_platform=[target], batch_size=min(IMAGES, 100),
                    quantized_dtype=METHOD)
    rknn.config(**settings)
    checked(rknn.load_onnx(model='%s.onnx' % NAME), 'load_onnx')
    if plain or not HYBRID:
        checked(rknn.build(do_quantization=True, dataset='./dataset.txt'), 'build')
    else:
        checked(rknn.hybrid_quantization_step1(dataset='./dataset.txt'), 'hybrid_quantization_step1')
        merge('%s.quantization.cfg' % NAME, '%s.ranges.cfg' % NAME, '%s.merged.cfg' % NAME)
        rknn.release()
        rknn = RKNN(verbose=False)
        rknn.config(**settings)
        checked(rknn.hybrid_quantization_step2(model_input='./%s.json' % NAME, data_input='./%s.data' % NAME,
                                               model_quantization_cfg='./%s.merged.cfg' % NAME, dataset='./dataset.txt'),
                'hybrid_quantization_step2')
    checked(rknn.export_rknn('./%s.rknn' % NAME), 'export_rknn')
    rknn.release()
    print('%s.rknn' % NAME)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--target', default='rv1126')
    parser.add_argument('--plain', action='store_true')
    parser.add_argument('--merge', nargs=3, metavar=('STEP1', 'RANGES', 'RESULT'))
    given = parser.parse_args()
    if given.merge:
        merge(*given.merge)
    else:
        build(given.target, given.plain)
