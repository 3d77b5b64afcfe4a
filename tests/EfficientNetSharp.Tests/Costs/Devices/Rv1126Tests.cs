using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Costs.Devices.Fitting;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Costs.Devices;

/// <summary>The prices of RV1126 are what its measured times give, and predict what docs/device.md says.</summary>
public sealed class Rv1126Tests
{
    // Products and single authors measured these; see the file's last column.
    private static readonly string Measurements = Path.Combine(FindRoot(), "src", "EfficientNetSharp", "Costs", "Devices", "Measurements", "rv1126.csv");

    private static readonly Lazy<DeviceFit> Fit = new(() => DeviceFit.Run(Structure, DeviceModel.Sum, MeasurementFile.Read(
        Measurements, Structure, (network, size) => ArchitectureFile.Get(network).Build(new BuildOptions { Height = size?.Height, Width = size?.Width }))));

    [Fact]
    public void The_prices_of_processors_are_the_fitted_ones_too()
    {
        var shipped = DeviceProfiles.Get("cpu");
        var rows = MeasurementFile.Read(
            Path.Combine(Path.GetDirectoryName(Measurements)!, "cpu.csv"), shipped,
            (network, size) => ArchitectureFile.Get(network).Build(new BuildOptions { Height = size?.Height, Width = size?.Width }));
        var fit = DeviceFit.Run(shipped, shipped.Model, rows);
        Assert.Equal(DeviceProfileJson.Serialize(fit.Profile with { Name = "cpu" }), DeviceProfileJson.Serialize(shipped));
        Assert.All(fit.Rows, row => Assert.InRange(Math.Abs(row.Error), 0, 0.2));
    }

    private static DeviceProfile Structure => DeviceProfiles.Get("rv1126");

    [Fact]
    public void The_shipped_prices_are_the_fitted_ones() =>
        Assert.Equal(DeviceProfileJson.Serialize(Fit.Value.Profile with { Name = "rv1126" }), DeviceProfileJson.Serialize(Structure));

    [Fact]
    public void The_six_measured_rows_are_given_back_within_5_per_cent()
    {
        var six = Fit.Value.Rows.Take(6).ToList();
        Assert.Equal([70, 17, 13, 25, 28, 35], six.Select(row => row.Measurement.Ms));
        Assert.All(six, row => Assert.InRange(Math.Abs(row.Error), 0, 0.05));
    }

    [Fact]
    public void An_EfficientNet_that_is_left_out_is_predicted_within_15_per_cent() =>
        Assert.All(Fit.Value.Rows.Skip(1).Take(5), row => Assert.InRange(Math.Abs(row.LeftOutError!.Value), 0, 0.15));

    [Theory]
    [InlineData("mobilenetv1_100@224 int8", 4.76)]
    [InlineData("mobilenet_v2@224 int8", 3.10)]
    [InlineData("resnet50_v2.csv int8", 27.6)]
    public void Public_8_bit_rows_are_predicted_within_20_per_cent_when_left_out(string name, double ms)
    {
        var row = Fit.Value.Rows.Single(row => row.Measurement.Name == name);
        Assert.Equal(ms, row.Measurement.Ms);
        Assert.InRange(Math.Abs(row.LeftOutError!.Value), 0, 0.2);
    }

    [Fact]
    public void The_price_of_SiLU_over_ReLU_is_within_30_per_cent()
    {
        double Ms(string name) => Fit.Value.Rows.Single(row => row.Measurement.Name == name).Ms;
        Assert.InRange((Ms("yolov5s.csv int8") - Ms("yolov5s_relu.csv int8")) / (50.0 - 34.2), 0.7, 1.3);
    }

    /// <summary>Sizes of the measured files; the heads of all but the pooled network are not known exactly.</summary>
    [Theory]
    [InlineData("efficientnet_b0:head=pooled,features=512", 9.3, 0.02)]
    [InlineData("efficientnet_b1:head=flatten,features=512", 33, 0.05)]
    [InlineData("efficientnet_b2:head=flatten,features=512", 39.7, 0.05)]
    [InlineData("efficientnet_b3:head=flatten,features=512", 47.3, 0.05)]
    [InlineData("efficientnet_b0:head=flatten,features=512", 25.8, 0.15)]
    public void The_size_of_the_file_is_predicted(string network, double megabytes, double within)
    {
        var graph = ArchitectureFile.Get(network).Build(new BuildOptions { Height = 112, Width = 112 });
        Assert.Equal(megabytes, Structure.Predict(graph, "int16").FileBytes / 1e6, within * megabytes);
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EfficientNetSharp.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
