namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>An operation with all that chance decides about it: applying it is no longer random.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Argument">With what; see <see cref="PictureOperation"/> for its meaning.</param>
/// <param name="Filter">How warps read between pixels; others do not look at it.</param>
/// <param name="Column">A cutout's centre; others do not look at it.</param>
/// <param name="Row">A cutout's centre; others do not look at it.</param>
public readonly record struct PolicyStep(
    PictureOperation Operation, double Argument = 0, WarpFilter Filter = WarpFilter.Nearest, int Column = 0, int Row = 0)
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="fill">The colour of what a warp brings in from outside, and of cutouts.</param>
    public void Apply(Picture picture, PixelColor fill)
    {
        switch (Operation)
        {
            case PictureOperation.AutoContrast: AutoContrast.Apply(picture); break;
            case PictureOperation.Equalize: Equalize.Apply(picture); break;
            case PictureOperation.Invert: Invert.Apply(picture); break;
            case PictureOperation.Posterize: Posterize.Apply(picture, (int)Argument); break;
            case PictureOperation.Solarize: Solarize.Apply(picture, Argument); break;
            case PictureOperation.SolarizeAdd: SolarizeAdd.Apply(picture, (int)Argument); break;
            case PictureOperation.Color: Saturation.Adjust(picture, Argument); break;
            case PictureOperation.Contrast: Contrast.Adjust(picture, Argument); break;
            case PictureOperation.Brightness: Brightness.Adjust(picture, Argument); break;
            case PictureOperation.Sharpness: Sharpness.Adjust(picture, Argument); break;
            case PictureOperation.ShearX: Warp.Apply(picture, AffineMatrix.ShearX(Argument), Filter, fill); break;
            case PictureOperation.ShearY: Warp.Apply(picture, AffineMatrix.ShearY(Argument), Filter, fill); break;
            case PictureOperation.TranslateX: Warp.Apply(picture, AffineMatrix.TranslateX(Argument), Filter, fill); break;
            case PictureOperation.TranslateY: Warp.Apply(picture, AffineMatrix.TranslateY(Argument), Filter, fill); break;
            case PictureOperation.Rotate: Warp.Rotate(picture, Argument, Filter, fill); break;
            case PictureOperation.Cutout: Cutout.Apply(picture, Column, Row, (int)Argument, fill); break;
            case PictureOperation.GaussianBlur: GaussianBlur.Apply(picture, Argument); break;
            case PictureOperation.Identity: break;
            default: throw new InvalidOperationException($"There is no operation {Operation}.");
        }
    }
}
