using System.Collections.Immutable;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Costs.Devices;

/// <summary>Steps of networks that follow from a seed, of every kind, in two types.</summary>
internal static class RandomOperations
{
    public static DeviceProfile Profile { get; } = new()
    {
        Name = "test", Description = "a device for tests", Model = DeviceModel.Sum, TilePixels = 64,
        Types = ImmutableSortedDictionary.Create<string, DeviceType>(StringComparer.Ordinal)
            .Add("int8", new DeviceType(1, 1)).Add("int16", new DeviceType(2, 1.5)),
        Prices = ImmutableSortedDictionary<DeviceTerm, DevicePrice>.Empty,
    };

    public static DeviceProfile WithPrices(DeviceModel model, Func<DeviceTerm, double> priceOf) => Profile with
    {
        Model = model,
        Prices = DeviceTerms(model).ToImmutableSortedDictionary(term => term, term => new DevicePrice(priceOf(term))),
    };

    public static DeviceOperation Next(Random random)
    {
        var kind = random.GetItems(Enum.GetValues<DeviceOperationKind>(), 1)[0];
        int side = random.Next(1, 60), channels = random.Next(1, 300), stride = random.Next(4) == 0 ? 2 : 1;
        int outSide = (side + stride - 1) / stride, outChannels = random.Next(1, 300), kernel = random.Next(3) == 0 ? 1 : 3;
        bool isConvolution = kind is DeviceOperationKind.Convolution;
        if (!isConvolution) outChannels = channels;
        if (kind is not (DeviceOperationKind.Convolution or DeviceOperationKind.Depthwise or DeviceOperationKind.Pool)) (outSide, stride) = (side, 1);
        if (kind == DeviceOperationKind.Mean) outSide = 1;
        long values = isConvolution ? (long)channels * outChannels * kernel * kernel
            : kind == DeviceOperationKind.Depthwise ? channels * kernel * kernel : 0;
        return new DeviceOperation(
            $"{kind}", kind, random.Next(2) == 0 ? "int8" : "int16", TensorShape.Map(channels, side, side),
            TensorShape.Map(outChannels, outSide, outSide))
        {
            KernelValues = values, BiasValues = values > 0 ? outChannels : 0, Macs = values * outSide * outSide, IsPointwise = kernel == 1,
            Stride = stride,
        };
    }

    public static ImmutableArray<DeviceOperation> Network(Random random) =>
        [.. Enumerable.Range(0, random.Next(3, 40)).Select(_ => Next(random))];

    private static ImmutableArray<DeviceTerm> DeviceTerms(DeviceModel model) => EfficientNetSharp.Costs.Devices.Fitting.DeviceFit.TermsOf(model);
}
