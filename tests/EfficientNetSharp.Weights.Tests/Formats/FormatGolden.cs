using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>The files of Goldens/, and what is in them as Goldens/make_goldens.py made it.</summary>
internal static class FormatGolden
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "FormatGoldens");

    public static string At(string name) => Path.Combine(Folder, name);

    /// <summary>The values start, start + 1/8, start + 2/8, …</summary>
    public static float[] Grid(int count, int start) => [.. Enumerable.Range(0, count).Select(i => start + (i / 8f))];

    /// <summary>Checks that a file has the tensors in this order, with their shapes and values.</summary>
    public static void AssertHolds(WeightFile file, params (string Name, int[] Shape, float[] Values)[] expected)
    {
        Assert.Equal(expected.Select(tensor => tensor.Name), file.Tensors.Select(tensor => tensor.Name));
        foreach (var ((name, shape, values), found) in expected.Zip(file.Tensors))
        {
            Assert.Equal(name, found.Name);
            Assert.Equal(shape, found.Shape);
            Assert.Equal(values, found.ReadTensor().Values);
        }
    }

    /// <summary>Opens a file and reads everything in it.</summary>
    public static void ReadAll(string path)
    {
        using var file = WeightFile.Open(path);
        foreach (var tensor in file.Tensors) tensor.ReadTensor();
    }
}
