using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EfficientNetSharp.Training.Benchmarks;

/// <summary>
/// The rival: EfficientNet-B0 as one writes it in TorchSharp by hand, with libtorch's defaults: NCHW maps, modules, AdamW of
/// the library. Also with numbers that nothing holds while libtorch reads them (see Scalars), so that it is good for its times alone.
/// </summary>
internal sealed class PlainTorch : Module<Tensor, Tensor>
{
    private readonly Sequential _features;
    private readonly Linear _classifier;

    public PlainTorch(int classes) : base("efficientnet_b0")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        AddConvolution(layers, 3, 32, 3, 2, 1, activate: true);
        (int Kernel, int Stride, int Expansion, int Channels, int Repeats)[] stages =
        [
            (3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1),
        ];
        int channels = 32, block = 0;
        foreach (var stage in stages)
        {
            for (int repeat = 0; repeat < stage.Repeats; repeat++, block++)
            {
                layers.Add(new Block(channels, stage.Channels, stage.Kernel, repeat == 0 ? stage.Stride : 1, stage.Expansion,
                    0.2 * block / 16));
                channels = stage.Channels;
            }
        }

        AddConvolution(layers, 320, 1280, 1, 1, 1, activate: true);
        layers.Add(AdaptiveAvgPool2d(1));
        layers.Add(Flatten());
        layers.Add(torch.nn.Dropout(0.2));
        _features = Sequential(layers);
        _classifier = Linear(1280, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _classifier.forward(_features.forward(input));

    private static void AddConvolution(List<Module<Tensor, Tensor>> layers, int inChannels, int channels, int kernel, int stride,
        int groups, bool activate)
    {
        layers.Add(Conv2d(inChannels, channels, kernel, stride: stride, padding: (kernel - 1) / 2, groups: groups, bias: false));
        layers.Add(BatchNorm2d(channels));
        if (activate) layers.Add(SiLU());
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential _before, _gate, _project;
        private readonly bool _skip;
        private readonly double _stochasticDepth;

        public Block(int inChannels, int channels, int kernel, int stride, int expansion, double stochasticDepth) : base("block")
        {
            int inner = inChannels * expansion, squeezed = inChannels / 4;
            var before = new List<Module<Tensor, Tensor>>();
            if (expansion != 1) AddConvolution(before, inChannels, inner, 1, 1, 1, activate: true);
            AddConvolution(before, inner, inner, kernel, stride, inner, activate: true);
            _before = Sequential(before);
            _gate = Sequential(AdaptiveAvgPool2d(1), Conv2d(inner, squeezed, 1), SiLU(), Conv2d(squeezed, inner, 1), Sigmoid());
            var project = new List<Module<Tensor, Tensor>>();
            AddConvolution(project, inner, channels, 1, 1, 1, activate: false);
            _project = Sequential(project);
            _skip = stride == 1 && inChannels == channels;
            _stochasticDepth = stochasticDepth;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var inner = _before.forward(input);
            var output = _project.forward(inner * _gate.forward(inner));
            if (!_skip) return output;
            if (training && _stochasticDepth > 0)
                output = output * (rand(output.shape[0], 1, 1, 1) >= _stochasticDepth).to_type(ScalarType.Float32) / (1 - _stochasticDepth);
            return output + input;
        }
    }
}
