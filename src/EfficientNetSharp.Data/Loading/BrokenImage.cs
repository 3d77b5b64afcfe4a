using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Loading;

/// <summary>An image that could not be read.</summary>
/// <param name="Index">Its number in the dataset.</param>
/// <param name="Name">Its name in the dataset.</param>
/// <param name="Reason">The one-line message of the failure.</param>
public sealed record BrokenImage(int Index, string Name, string Reason)
{
    /// <summary>Name and reason in one line; reasons mostly have the name in them.</summary>
    public string ToLine()
    {
        string name = VisibleText.Of(Name);
        return Reason.Contains(name, StringComparison.Ordinal) ? Reason : $"{name}: {Reason}";
    }
}

/// <summary>What the loader does about images that cannot be read.</summary>
public enum BrokenImagePolicy
{
    /// <summary>The enumeration throws the failure's one-line message where the image's batch would have come.</summary>
    Fail,

    /// <summary>The image is left out of its batch, the rows after it move up, and the loader lists it.</summary>
    Skip,
}
