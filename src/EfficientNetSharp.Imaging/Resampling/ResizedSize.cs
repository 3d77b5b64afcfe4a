namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>The size an image is resized to; long, since only a window of a long and thin image's result is ever computed.</summary>
internal readonly record struct ResizedSize(long Width, long Height);

/// <summary>The part of a resized image that is wanted.</summary>
internal readonly record struct ResizedWindow(long Left, long Top, int Width, int Height);
