using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Formats.Mat;

/// <summary>A value of a MATLAB file. Elements lie in column-major order, as MATLAB has them.</summary>
/// <param name="Size">Lengths of the dimensions, two or more.</param>
internal abstract record MatValue(ImmutableArray<int> Size);

/// <summary>Numbers of any type, as doubles: labels and identifiers fit without loss.</summary>
internal sealed record MatNumbers(ImmutableArray<int> Size, double[] Values) : MatValue(Size);

/// <summary>A text: a row of characters.</summary>
internal sealed record MatText(ImmutableArray<int> Size, string Text) : MatValue(Size);

/// <summary>An array of values.</summary>
internal sealed record MatCells(ImmutableArray<int> Size, MatValue[] Items) : MatValue(Size);

/// <summary>An array of records with the same fields.</summary>
internal sealed record MatStructs(ImmutableArray<int> Size, ImmutableArray<string> Fields, MatValue[][] Items) : MatValue(Size);

/// <summary>A kind of value that no dataset needs, such as a sparse array.</summary>
internal sealed record MatOther(ImmutableArray<int> Size) : MatValue(Size);
