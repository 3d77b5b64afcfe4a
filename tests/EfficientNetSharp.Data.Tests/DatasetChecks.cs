namespace EfficientNetSharp.Data.Tests;

/// <summary>What many tests look at in a dataset, and how a refusal must read.</summary>
internal static class DatasetChecks
{
    public static string[] Names(IImageDataset dataset) => [.. Enumerable.Range(0, dataset.Count).Select(dataset.NameOf)];

    public static int[] Labels(IImageDataset dataset) => [.. Enumerable.Range(0, dataset.Count).Select(dataset.LabelOf)];

    public static void AssertRefused(Action action, params ReadOnlySpan<string> parts)
    {
        string message = Assert.Throws<InvalidInputException>(action).Message;
        Assert.DoesNotContain('\n', message);
        foreach (string part in parts) Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
