using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Costs.Devices.Fitting;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Costs.Devices;

public sealed class MeasurementFileTests : IDisposable
{
    private const string Head = "network,size,type,ms\n", Layers = "layer,kind,in,out,cin,cout,kernel,stride,ms\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("measurements").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rows_are_networks_and_layers()
    {
        Write("layers.csv", Layers + "a,conv,8,4,3,16,3,2,0.5\nb,fc,1,1,16,10,1,1,0.25\n");
        var rows = Read("type,network,ms,size,source\nint8,mobilenet_v2,3.1,224,\"a, b\"\nint16,layers.csv,\n\nint8,layers.csv,0.8,,x\n");
        Assert.Equal(["mobilenet_v2@224 int8", "layers.csv a", "layers.csv b", "layers.csv int8"], rows.Select(row => row.Name));
        Assert.Equal([3.1, 0.5, 0.25, 0.8], rows.Select(row => row.Ms));
        Assert.Equal(["mobilenet_v2@224 int8", "layers.csv", "layers.csv", "layers.csv int8"], rows.Select(row => row.Group));
        var a = Assert.Single(rows[1].Operations);
        Assert.Equal((DeviceOperationKind.Convolution, "int16", 3 * 16 * 9, 3 * 16 * 9 * 16, 2), (a.Kind, a.Type, a.KernelValues, a.Macs, a.Stride));
        Assert.Equal(2, rows[3].Operations.Length);
    }

    [Theory]
    [InlineData("", "network, type")]
    [InlineData("network,ms\nx,1\n", "no column 'type'")]
    [InlineData("network,size,type,ms,speed\n", "the column 'speed'")]
    [InlineData("network,type,type\n", "'type' twice")]
    [InlineData(Head, "no measurements")]
    [InlineData(Head + "mobilenet_v2,224,int8,3.1,9\n", "line 2: 4 cells")]
    [InlineData(Head + "\nmobilenet_v9,224,int8,3.1\n", "line 3: There is no architecture 'mobilenet_v9'")]
    [InlineData(Head + "mobilenet_v2,224,u8,3.1\n", "no type 'u8'")]
    [InlineData(Head + "mobilenet_v2,224,int8,fast\n", "line 2: The time in ms: expected a number")]
    [InlineData(Head + "mobilenet_v2,224,int8,\"3,1\"\n", "write 3.1")]
    [InlineData(Head + "mobilenet_v2,224,int8,0\n", "above 0")]
    [InlineData(Head + "mobilenet_v2,224,int8\n", "found none")]
    [InlineData(Head + "mobilenet_v2,0,int8,3\n", "size such as 224")]
    [InlineData(Head + "layers.csv,224,int8,3\n", "leave the size out")]
    [InlineData(Head + "other.csv,,int8,3\n", "other.csv")]
    [InlineData(Head + "layers.csv,,int8,\n", "'b' has no time")]
    [InlineData(Head + "wrong.csv,,int8,\n", "one of conv")]
    [InlineData(Head + "small.csv,,int8,\n", "'cin'")]
    [InlineData(Head + "\"mobilenet_v2,224,int8,3\n", "line 2 has no end")]
    public void What_is_no_row_is_refused_with_its_line(string text, string word)
    {
        Write("layers.csv", Layers + "a,conv,8,4,3,16,3,2,0.5\nb,fc,1,1,16,10,1,1\n");
        Write("wrong.csv", Layers + "a,lstm,8,4,3,16,3,2,0.5\n");
        Write("small.csv", Layers + "a,conv,8,4,0,16,3,2,0.5\n");
        var error = Assert.Throws<InvalidInputException>(() => Read(text));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private IReadOnlyList<DeviceMeasurement> Read(string text)
    {
        Write("rows.csv", text);
        return MeasurementFile.Read(Path.Combine(_folder, "rows.csv"), DeviceProfiles.Get("rv1126"), (network, size) =>
            ArchitectureFile.Get(network).Build(new BuildOptions { Height = size?.Height, Width = size?.Width }));
    }
}
