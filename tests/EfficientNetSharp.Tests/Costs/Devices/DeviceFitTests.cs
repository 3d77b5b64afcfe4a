using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Costs.Devices.Fitting;

namespace EfficientNetSharp.Tests.Costs.Devices;

public sealed class DeviceFitTests
{
    [Fact]
    public void Prices_that_made_the_times_are_found_again()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var planted = RandomOperations.WithPrices(DeviceModel.Sum, _ => random.Next(4) == 0 ? 0 : random.NextDouble() + 0.05);
            var rows = Measure(planted, random, networks: 14);
            var fit = DeviceFit.Run(RandomOperations.Profile, DeviceModel.Sum, rows);
            foreach (var (term, price) in planted.Prices) Assert.Equal(price.Ms, fit.Profile.Prices[term].Ms, 2e-3 * (price.Ms + 0.05));
            Assert.All(fit.Rows, row => Assert.InRange(Math.Abs(row.LeftOutError!.Value), 0, 0.01));
            Assert.Equal(fit.Profile.Prices.Count, fit.Identification.Rank);
        }
    }

    [Fact]
    public void A_roofline_that_made_the_times_is_found_again()
    {
        var random = new Random(5);
        var planted = RandomOperations.WithPrices(DeviceModel.Roofline, term => 0.1 + (0.2 * (int)term));
        var fit = DeviceFit.Run(RandomOperations.Profile, DeviceModel.Roofline, Measure(planted, random, networks: 60));
        Assert.All(fit.Rows, row => Assert.InRange(Math.Abs(row.Error), 0, 0.02));
    }

    [Theory]
    [InlineData(DeviceModel.Sum)]
    [InlineData(DeviceModel.Roofline)]
    public void A_row_that_is_left_out_is_predicted_by_a_fit_without_its_group(DeviceModel model)
    {
        var random = new Random(11);
        var planted = RandomOperations.WithPrices(model, _ => random.NextDouble());
        var rows = Measure(planted, random, networks: 10).Select((row, i) => row with
        {
            Ms = row.Ms * (0.8 + (0.4 * random.NextDouble())), Group = i < 3 ? "together" : row.Name, Weight = i == 4 ? 0.3 : 1,
        }).ToList();
        var fit = DeviceFit.Run(RandomOperations.Profile, model, rows);
        foreach (var row in fit.Rows)
        {
            var others = rows.Where(other => other.Group != row.Measurement.Group).ToList();
            var profile = DeviceFit.Run(RandomOperations.Profile, model, others).Profile;
            double ms = row.Measurement.Operations.Sum(profile.MsOf);
            Assert.Equal(ms, row.LeftOutMs!.Value, 1e-9 * ms);
        }
    }

    [Fact]
    public void A_row_without_weight_is_predicted_and_changes_nothing()
    {
        var random = new Random(3);
        var planted = RandomOperations.WithPrices(DeviceModel.Sum, _ => random.NextDouble());
        var rows = Measure(planted, random, networks: 9);
        var wrong = rows[0] with { Name = "wrong", Group = "wrong", Ms = 1000 * rows[0].Ms, Weight = 0 };
        var fit = DeviceFit.Run(RandomOperations.Profile, DeviceModel.Sum, [.. rows, wrong]);
        Assert.Equal(DeviceFit.Run(RandomOperations.Profile, DeviceModel.Sum, rows).Profile, fit.Profile with { Prices = fit.Profile.Prices },
            (a, b) => a.Prices.SequenceEqual(b.Prices));
        Assert.Null(fit.Rows[^1].LeftOutMs);
        Assert.True(fit.Rows[^1].Error < -0.9);
    }

    [Fact]
    public void What_no_row_tells_is_named()
    {
        var random = new Random(8);
        var planted = RandomOperations.WithPrices(DeviceModel.Sum, _ => 1);
        // Functions alone: launches and values go together where all maps are of one size.
        var function = Enumerable.Range(0, 400).Select(_ => RandomOperations.Next(random))
            .First(operation => operation.Kind == DeviceOperationKind.Function);
        var rows = Enumerable.Range(1, 6).Select(count => new DeviceMeasurement(
            $"{count}", [.. Enumerable.Repeat(function, count)], count * planted.MsOf(function))).ToList();
        var known = DeviceFit.Run(RandomOperations.Profile, DeviceModel.Sum, rows).Identification;
        Assert.Contains(DeviceTerm.WeightMegabytes, known.Absent);
        Assert.Contains(DeviceTerm.ShaderLaunches, known.Absent);
        Assert.Equal(1, known.Rank);
        var direction = Assert.Single(known.Directions);
        Assert.Equal(0, direction.Strength, 6);
        Assert.Equal([DeviceTerm.TensorLaunches, DeviceTerm.TensorMegavalues], direction.Shares.Select(share => share.Term).Order());
    }

    [Fact]
    public void Rows_that_are_no_measurements_are_refused()
    {
        var operation = RandomOperations.Next(new Random(1));
        Refused("nothing", []);
        Refused("weight above 0", [new DeviceMeasurement("a", [operation], 1) { Weight = 0 }]);
        Refused("'a' in ms", [new DeviceMeasurement("a", [operation], 0)]);
        Refused("'a' in ms", [new DeviceMeasurement("a", [operation], double.NaN)]);
        Refused("weight of 'a'", [new DeviceMeasurement("a", [operation], 1) { Weight = -1 }]);

        static void Refused(string word, DeviceMeasurement[] rows)
        {
            var error = Assert.Throws<InvalidInputException>(() => DeviceFit.Run(RandomOperations.Profile, DeviceModel.Sum, rows));
            if (rows.Length > 0) Assert.Contains(word, error.Message, StringComparison.Ordinal);
        }
    }

    private static List<DeviceMeasurement> Measure(DeviceProfile planted, Random random, int networks) =>
        [.. Enumerable.Range(0, networks).Select(i =>
        {
            var operations = RandomOperations.Network(random);
            return new DeviceMeasurement($"network {i}", operations, operations.Sum(planted.MsOf));
        }).Where(row => row.Ms > 0)];
}
