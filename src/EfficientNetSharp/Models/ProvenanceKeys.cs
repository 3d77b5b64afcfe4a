namespace EfficientNetSharp.Models;

/// <summary>
/// The keys of <see cref="ModelCard.Provenance"/>, all in lower case with underscores. A card holds those that apply, and those of the
/// models that its own was made from, behind a prefix for each step back: <c>from_licence</c>, <c>from_from_source</c>.
/// </summary>
public static class ProvenanceKeys
{
    /// <summary>Behind it: what is known of the model whose weights training started from.</summary>
    public const string FromPrefix = "from_";

    /// <summary>Behind it: what is known of the model that training learned from beside the labels.</summary>
    public const string TeacherPrefix = "teacher_";

    /// <summary>Of a model behind a prefix: its name, as published or its network's.</summary>
    public const string Name = "name";

    /// <summary>Of a model behind a prefix: the name of its file.</summary>
    public const string File = "file";

    /// <summary>Of a model behind a prefix: the SHA-256 of its file, lower-case hexadecimal.</summary>
    public const string Sha256 = "sha256";

    /// <summary>Whose weights were imported.</summary>
    public const string Source = "source";

    /// <summary>The name of the file that was imported.</summary>
    public const string SourceFile = "source_file";

    /// <summary>Where the imported file is published.</summary>
    public const string SourceUrl = "source_url";

    /// <summary>What the imported weights are called where they are published.</summary>
    public const string PublishedAs = "published_as";

    /// <summary>The accuracy that their authors publish.</summary>
    public const string PublishedTop1 = "published_top1";

    /// <summary>The weights' licence.</summary>
    public const string Licence = "licence";

    /// <summary>What the model was trained for, for example <c>classification</c>.</summary>
    public const string Task = "task";

    /// <summary>Of an embedding: how many identities it has learned from, which are not its classes.</summary>
    public const string Identities = "identities";

    /// <summary>Of an embedding: its length.</summary>
    public const string EmbeddingFeatures = "embedding_features";

    /// <summary>The name of the recipe that training began with.</summary>
    public const string RecipeName = "recipe_name";

    /// <summary>The whole recipe as it was trained by, as JSON.</summary>
    public const string Recipe = "recipe";

    /// <summary>The run's seed.</summary>
    public const string Seed = "seed";

    /// <summary>The epoch that the weights are of, from 1; 0 for a probe that nothing was trained after.</summary>
    public const string Epoch = "epoch";

    /// <summary>Names, sizes and labels of the training images, hashed.</summary>
    public const string DataFingerprint = "data_fingerprint";

    /// <summary>
    /// The contents of the training images, hashed one by one, so that evaluation can tell them from images that the model has not learned
    /// from; absent where they are very many.
    /// </summary>
    public const string ImageHashes = "training_image_hashes";

    /// <summary>Number of training images.</summary>
    public const string TrainingImages = "training_images";

    /// <summary>Number of validation images.</summary>
    public const string ValidationImages = "validation_images";

    /// <summary>Number of folds of the cross-validation that judged the training.</summary>
    public const string Folds = "cross_validation_folds";

    /// <summary>Of a quantized model: the scheme, and what was done besides.</summary>
    public const string Quantization = "quantization";

    /// <summary>Of a quantized model: how many images it was calibrated with.</summary>
    public const string CalibrationImages = "calibration_images";

    /// <summary>What made the model, with its version.</summary>
    public const string Tool = "tool";

    /// <summary>The score on the validation images: <c>validation_top1</c>.</summary>
    /// <param name="score">The score's name.</param>
    public static string Validation(string score) => $"validation_{score}";

    /// <summary>
    /// The score on images that were held out of trainings like this model's in turn, which itself learned from all:
    /// <c>cross_validated_top1</c>.
    /// </summary>
    /// <param name="score">The score's name.</param>
    public static string CrossValidated(string score) => $"cross_validated_{score}";
}
