using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Training.Probing;

/// <summary>What a network says of some images before its classifier: for each image the rows of some views of it.</summary>
/// <param name="Rows">[N,V,C], row-major; an image's first view is as the network will see it in use.</param>
/// <param name="Views">V.</param>
/// <param name="Labels">[N].</param>
/// <param name="Images">[N], the images' numbers in the dataset.</param>
/// <param name="BrokenImages">Images that could not be read and have no rows.</param>
internal sealed record FeatureTable(
    float[] Rows, int Views, int[] Labels, int[] Images, ImmutableArray<BrokenImage> BrokenImages)
{
    /// <summary>N.</summary>
    public int Count => Labels.Length;

    /// <summary>C.</summary>
    public int Features => Rows.Length / (Count * Views);

    /// <summary>The row of an image's first view.</summary>
    public ReadOnlySpan<float> Row(int image) => Rows.AsSpan(image * Views * Features, Features);
}
