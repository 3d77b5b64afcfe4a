namespace EfficientNetSharp.Weights.Formats;

/// <summary>A tensor as the whole file has it, under the names of all that it lies in.</summary>
/// <param name="Tensor">The tensor; its name is the path to it, the pieces joined by dots where a file nests dictionaries.</param>
/// <param name="Scope">What of the name leads to the dictionary or the object that holds it, ends in a dot or is empty.</param>
internal sealed record FiledTensor(SourceTensor Tensor, string Scope);
