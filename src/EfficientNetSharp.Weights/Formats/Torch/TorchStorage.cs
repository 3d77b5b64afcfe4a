using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>A storage: the run of elements that tensors are views of.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">Number of elements.</param>
/// <param name="ViewOffset">In the legacy format, the element of the stored run that this one starts at.</param>
internal sealed record TorchStorage(string Key, ElementType Type, long Count, long ViewOffset);

/// <summary>A tensor: a strided view of a storage. Offset and strides count elements.</summary>
internal sealed record TorchTensor(TorchStorage Storage, ElementType Type, long Offset, long[] Size, long[] Stride);
