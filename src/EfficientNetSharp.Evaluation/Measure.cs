using System.Globalization;

namespace EfficientNetSharp.Evaluation;

/// <summary>A number by which networks are judged: what it is called, how it reads, and which of two is better.</summary>
/// <param name="Name">What files call it, in lower case with underscores: <c>top1</c>.</param>
/// <param name="Title">What people call it: <c>top-1</c>.</param>
public sealed record Measure(string Name, string Title)
{
    /// <summary>The share of images whose class has the greatest logit.</summary>
    public static Measure Top1 { get; } = new("top1", "top-1") { Description = "top-1 accuracy" };

    /// <summary>What people call it in full, for captions; default the title.</summary>
    public string Description { get; init; } = Title;

    /// <summary>Whether more is better; default true.</summary>
    public bool HigherIsBetter { get; init; } = true;

    /// <summary>Whether it is a share 0…1, shown in per cent; default true.</summary>
    public bool IsShare { get; init; } = true;

    /// <summary>Its name as one of a JSON object's members: <c>top1</c> of <c>validation</c> is <c>validationTop1</c>.</summary>
    /// <param name="of">What it is of, in lower case.</param>
    public string JsonName(string of) => of + string.Concat(Name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>A value for people, in per cent with two decimals or as a number with four.</summary>
    public string Format(double value) => IsShare
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:F2} %")
        : string.Create(CultureInfo.InvariantCulture, $"{value:F4}");

    /// <summary>Orders values: the better one's is the lower. What was not measured, or is not finite, comes last.</summary>
    public double OrderOf(double? value) =>
        value is not { } number || !double.IsFinite(number) ? double.PositiveInfinity : HigherIsBetter ? -number : number;
}
