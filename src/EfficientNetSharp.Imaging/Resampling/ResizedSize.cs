namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>The size a picture is resized to; long, since only a window of a long and thin picture's result is ever computed.</summary>
internal readonly record struct ResizedSize(long Width, long Height);

/// <summary>The part of a resized picture that is wanted.</summary>
internal readonly record struct ResizedWindow(long Left, long Top, int Width, int Height);
