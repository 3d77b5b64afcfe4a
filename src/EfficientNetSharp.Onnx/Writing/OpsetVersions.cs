namespace EfficientNetSharp.Onnx.Writing;

/// <summary>Versions of the operator set and of the file format that go together.</summary>
internal static class OpsetVersions
{
    // 11 is the first in which Clip takes its bounds as inputs. Up to 22 the operators written here keep their meaning; each
    // version is loaded and compared in the tests.
    public const int Oldest = 11, Newest = 22;

    /// <summary>The oldest format version that may name an operator set (ONNX's Versioning.md, table "Released versions").</summary>
    /// <exception cref="InvalidInputException">The operator set is not supported.</exception>
    public static int IrVersion(int opset) => opset switch
    {
        11 => 6,
        12 or 13 or 14 => 7,
        15 or 16 or 17 or 18 => 8,
        19 or 20 => 9,
        21 or 22 => 10,
        _ => throw new InvalidInputException(
        $"The operator set is expected to be {Oldest} to {Newest}, found {opset}; 17 suits most readers, 12 RKNN-Toolkit 1.7."),
    };
}
