namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>An operation with all that chance decides about it: applying it is no longer random.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Argument">With what; see <see cref="ImageOperation"/> for its meaning.</param>
/// <param name="Filter">How warps read between pixels; others do not look at it.</param>
/// <param name="Column">A cutout's centre; others do not look at it.</param>
/// <param name="Row">A cutout's centre; others do not look at it.</param>
internal readonly record struct PolicyOperation(
    ImageOperation Operation, double Argument = 0, WarpFilter Filter = WarpFilter.Nearest, int Column = 0, int Row = 0)
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="fill">The colour of what a warp brings in from outside, and of cutouts.</param>
    public void Apply(Image image, PixelColor fill)
    {
        switch (Operation)
        {
            case ImageOperation.AutoContrast: AutoContrast.Apply(image); break;
            case ImageOperation.Equalize: Equalize.Apply(image); break;
            case ImageOperation.Invert: Invert.Apply(image); break;
            case ImageOperation.Posterize: Posterize.Apply(image, (int)Argument); break;
            case ImageOperation.Solarize: Solarize.Apply(image, Argument); break;
            case ImageOperation.SolarizeAdd: SolarizeAdd.Apply(image, (int)Argument); break;
            case ImageOperation.Color: Saturation.Adjust(image, Argument); break;
            case ImageOperation.Contrast: Contrast.Adjust(image, Argument); break;
            case ImageOperation.Brightness: Brightness.Adjust(image, Argument); break;
            case ImageOperation.Sharpness: Sharpness.Adjust(image, Argument); break;
            case ImageOperation.ShearX: Warp.Apply(image, AffineMatrix.ShearX(Argument), Filter, fill); break;
            case ImageOperation.ShearY: Warp.Apply(image, AffineMatrix.ShearY(Argument), Filter, fill); break;
            case ImageOperation.TranslateX: Warp.Apply(image, AffineMatrix.TranslateX(Argument), Filter, fill); break;
            case ImageOperation.TranslateY: Warp.Apply(image, AffineMatrix.TranslateY(Argument), Filter, fill); break;
            case ImageOperation.Rotate: Warp.Rotate(image, Argument, Filter, fill); break;
            case ImageOperation.Cutout: Cutout.Apply(image, Column, Row, (int)Argument, fill); break;
            case ImageOperation.GaussianBlur: GaussianBlur.Apply(image, Argument); break;
            case ImageOperation.Identity: break;
            default: throw new InvalidOperationException($"There is no operation {Operation}.");
        }
    }
}
