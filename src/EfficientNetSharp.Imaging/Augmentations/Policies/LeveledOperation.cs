using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>What an operation's argument depends on beside its level.</summary>
/// <param name="Size">The image's size.</param>
/// <param name="Translate">How far the highest level shifts: pixels (TPU) or a share of the side (timm).</param>
/// <param name="Cutout">Half the side in pixels of the highest level's cutout.</param>
/// <param name="Bins">How many levels there are (torchvision).</param>
internal readonly record struct LevelScale(ImageSize Size, double Translate = 0, int Cutout = 0, int Bins = 0);

/// <summary>From a level to an operation's argument.</summary>
/// <param name="level">The level, 0 or more.</param>
/// <param name="sign">1, or −1 for the other direction.</param>
/// <param name="scale">What else it depends on.</param>
internal delegate double LevelRule(double level, int sign, LevelScale scale);

/// <summary>A row of a policy's table: an operation under the name that its source gives it, and how strong it is at a level.</summary>
/// <param name="Name">The source's name.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Rule">How strongly.</param>
/// <param name="IsSigned">Whether chance decides on a direction.</param>
internal sealed record LeveledOperation(string Name, ImageOperation Operation, LevelRule Rule, bool IsSigned = false)
{
    private const double ChanceOfNegative = 0.5;

    /// <summary>Draws direction, filter and place, and works out the argument.</summary>
    internal PolicyOperation Draw(double level, LevelScale scale, WarpFilter? filter, ref SeededRandom random)
    {
        int sign = IsSigned && random.NextDouble() < ChanceOfNegative ? -1 : 1;
        var drawn = new PolicyOperation(Operation, Rule(level, sign, scale));
        return Operation switch
        {
            ImageOperation.ShearX or ImageOperation.ShearY or ImageOperation.TranslateX or ImageOperation.TranslateY
                or ImageOperation.Rotate => drawn with { Filter = filter ?? DrawFilter(ref random) },
            ImageOperation.Cutout => drawn with { Column = random.NextInt(scale.Size.Width), Row = random.NextInt(scale.Size.Height) },
            _ => drawn,
        };
    }

    private static WarpFilter DrawFilter(ref SeededRandom random) => random.NextInt(2) == 0 ? WarpFilter.Bilinear : WarpFilter.Bicubic;
}
