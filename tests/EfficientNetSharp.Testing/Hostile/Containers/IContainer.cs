namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>A piece of a container.</summary>
/// <param name="Tag">What the container has to know to write it again: its name, kind or place.</param>
/// <param name="Bytes">Its bytes.</param>
public sealed record ContainerPart(object? Tag, byte[] Bytes);

/// <summary>What a container holds.</summary>
/// <param name="Parts">Its pieces in their order.</param>
/// <param name="Join">Makes a container of pieces, with lengths and checksums that are right.</param>
public sealed record ContainerContents(IReadOnlyList<ContainerPart> Parts, Func<IReadOnlyList<ContainerPart>, byte[]> Join);

/// <summary>A form that holds other bytes.</summary>
public interface IContainer
{
    /// <summary>Takes bytes apart; <see langword="null"/> where they are not of this form.</summary>
    ContainerContents? Open(byte[] bytes);
}
