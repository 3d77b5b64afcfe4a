using System.Globalization;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The numbers that an option takes, both ends included.</summary>
internal sealed record NumberRange(double Min, double Max)
{
    public bool Contains(double value) => value >= Min && value <= Max;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max}");
}
