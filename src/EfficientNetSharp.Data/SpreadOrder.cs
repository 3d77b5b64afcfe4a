using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// An order of a dataset's images of which every beginning is spread over the classes: one image of each class after the other, drawn by
/// seed and name. Whoever wants some images takes the first ones.
/// </summary>
public static class SpreadOrder
{
    /// <summary>The numbers of all images in that order.</summary>
    /// <param name="images">The images.</param>
    /// <param name="seed">Names the draw.</param>
    public static ImmutableArray<int> Of(IImageDataset images, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[][] classes = StratifiedSplit.OrderOfClasses(images, seed);
        var order = ImmutableArray.CreateBuilder<int>(images.Count);
        for (int turn = 0; order.Count < images.Count; turn++)
        {
            foreach (int[] ofClass in classes)
            {
                if (turn < ofClass.Length) order.Add(ofClass[turn]);
            }
        }

        return order.ToImmutable();
    }
}
