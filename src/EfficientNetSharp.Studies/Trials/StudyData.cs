using System.Security.Cryptography;
using System.Text;
using EfficientNetSharp.Data;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>The images of a study, as its file tells of them.</summary>
/// <param name="Name">What people call them: a folder, or a set that the tool brings.</param>
/// <param name="Fingerprint">Over the <see cref="DatasetFingerprint"/> of each part.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Train">Images to learn from.</param>
/// <param name="Validation">Images that choose the best epoch.</param>
/// <param name="Test">Images that judge alone; 0 for none, and then the validation images judge.</param>
public sealed record StudyDataInfo(string Name, string Fingerprint, int Classes, int Train, int Validation, int Test)
{
    /// <summary>
    /// Of an embedding's study, identities that judge and are trained on as well; 0 where strangers judge, as they do unless the images come in
    /// parts that share them; <see langword="null"/> where a study of an earlier version does not say.
    /// </summary>
    public int? KnownIdentities { get; init; }

    /// <summary>Which images judge.</summary>
    public string JudgedBy => Test > 0
        ? NumberText.Counted(Test, "test image") : $"{NumberText.Counted(Validation, "validation image")}, which chose the epoch too";
}

/// <summary>The images of a study.</summary>
public sealed class StudyData
{
    /// <summary>Takes images.</summary>
    /// <param name="splits">The images in their parts.</param>
    /// <param name="name">What people call them.</param>
    public StudyData(DatasetSplits splits, string name)
    {
        ArgumentNullException.ThrowIfNull(splits);
        Splits = splits;
        string parts = string.Join('|', new[] { splits.Train, splits.Validation, splits.Test }
            .Select(part => part is null ? "" : DatasetFingerprint.Of(part)));
        Info = new StudyDataInfo(
            name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts))), splits.Train.Classes.Length, splits.Train.Count,
            splits.Validation.Count, splits.Test?.Count ?? 0)
        {
            KnownIdentities = splits.HoldsOutClasses
                ? splits.Train.Classes.Intersect((splits.Test ?? splits.Validation).Classes, StringComparer.Ordinal).Count() : 0,
        };
    }

    /// <summary>Takes images in the place of others, such as a few by which the time of a study is measured.</summary>
    /// <param name="splits">The images in their parts.</param>
    /// <param name="info">What they stand for.</param>
    public StudyData(DatasetSplits splits, StudyDataInfo info)
    {
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(info);
        (Splits, Info) = (splits, info);
    }

    /// <summary>The images in their parts.</summary>
    public DatasetSplits Splits { get; }

    /// <summary>What the study's file says of them.</summary>
    public StudyDataInfo Info { get; }

    /// <summary>Names what the images are: trials on other images are other trials.</summary>
    public string Fingerprint => Info.Fingerprint;
}
