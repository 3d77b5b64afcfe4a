using System.Text.Json.Nodes;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet device</c>, and devices in other verbs.</summary>
public sealed class DeviceCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("device").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Devices_are_listed_and_shown()
    {
        Assert.Contains("Rockchip RV1126", Run("device", "list").Output, StringComparison.Ordinal);
        Assert.Equal("rv1126", JsonNode.Parse(Run("device", "list", "--json").Output)![0]!["name"]!.GetValue<string>());
        Assert.Contains("ms per MB of weights", Run("device", "show", "rv1126").Output, StringComparison.Ordinal);
        var error = Run("device", "show", "rv1127");
        Assert.Equal(2, error.Code);
        Assert.Contains("the known ones are rv1126", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fitted_device_stands_wherever_a_name_does()
    {
        string csv = Path.Combine(_root, "times.csv"), file = Path.Combine(_root, "board.json");
        // A board that takes 1 ms a MB of 8-bit weights and nothing else.
        File.WriteAllText(csv, "network,size,type,ms\n" + string.Concat(new[] { "mobilenet_v2", "efficientnet_b0", "resnet50", "resnet18" }
            .Select(name => FormattableString.Invariant($"{name},64,int8,{Weights(name):F4}\n"))));
        var fit = Run("device", "fit", csv, "-o", file, "--model", "sum");
        Assert.Equal((0, 0), (fit.Code, fit.Output.Split('\n').Count(line => line.Contains("roofline", StringComparison.Ordinal))));
        Assert.Contains("left out", fit.Output, StringComparison.Ordinal);

        var predicted = JsonNode.Parse(Run("device", "predict", "mobilenet_v1", "--device", file, "--resolution", "96", "--json").Output)!;
        Assert.Equal("board", predicted["device"]!.GetValue<string>());
        Assert.Equal(Weights("mobilenet_v1"), predicted["ms"]!.GetValue<double>(), 0.01);
        var scaled = JsonNode.Parse(Run("scale", "mobilenet_v2", "--latency", $"2.5ms@{file}", "--json").Output)!;
        Assert.Equal("predicted for board, int8", scaled["latencyModel"]!.GetValue<string>());
        Assert.InRange(scaled["chosen"]!["latencyMs"]!.GetValue<double>(), 1, 2.5);
        // With no model named both are fitted and shown.
        var both = JsonNode.Parse(Run("device", "fit", csv, "--json").Output)!;
        Assert.Equal(2, both["fits"]!.AsArray().Count);
    }

    [Fact]
    public void A_device_limits_a_scaling_in_the_type_that_is_named()
    {
        double Macs(string limit) =>
            JsonNode.Parse(Run("scale", "efficientnet_b0", "--latency", limit, "--json").Output)!["scaled"]!["macs"]!.GetValue<double>();
        Assert.True(Macs("15ms@rv1126") > 1.5 * Macs("15ms@rv1126:int16"));
        foreach (string wrong in new[] { "15ms@", "15@rv1126", "15ms@rv1126:", "15ms@rv1127", "15ms@rv1126:float16", "15ms@none.json" })
        {
            var result = Run("scale", "efficientnet_b0", "--latency", wrong);
            Assert.Equal((2, 1), (result.Code, result.Error.TrimEnd().Split('\n').Length));
        }
    }

    [Fact]
    public void A_prediction_says_time_size_and_steps()
    {
        var result = Run("device", "predict", "efficientnet_b0", "--type", "int16", "--resolution", "112");
        Assert.Contains("ms predicted, a file of 10.7 MB", result.Output, StringComparison.Ordinal);
        Assert.Contains("stem", Run("device", "predict", "efficientnet_b0", "--steps").Output, StringComparison.Ordinal);
        Assert.Equal(2, Run("device", "predict", "efficientnet_b0", "--type", "float16").Code);
    }

    private static double Weights(string name)
    {
        var layers = JsonNode.Parse(Run("describe", name, "--resolution", "64", "--json").Output)!["layers"]!.AsArray();
        return layers.Where(layer => layer!["operator"]!.GetValue<string>() is "Convolution" or "Linear").Sum(layer =>
            layer!["parameters"]!.GetValue<double>() - (layer["operator"]!.GetValue<string>() == "Linear" ? layer["shape"]![0]!.GetValue<double>() : 0)) / 1e6;
    }
}
