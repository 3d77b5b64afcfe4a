namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>Lists shards side by side: a listing waits for the disk most of the time.</summary>
internal static class ShardListing
{
    /// <summary>What reading each file gives, in the order of the files.</summary>
    /// <exception cref="InvalidInputException">One of them cannot be read.</exception>
    public static T[] ReadAll<T>(string[] paths, Func<string, T> read)
    {
        var shards = new T[paths.Length];
        try
        {
            Parallel.For(0, paths.Length, i => shards[i] = read(paths[i]));
        }
        catch (AggregateException failures) when (failures.InnerExceptions.OfType<InvalidInputException>().FirstOrDefault() is { } error)
        {
            throw new InvalidInputException(error.Message, error);
        }

        return shards;
    }
}
