namespace EfficientNetSharp.Data;

/// <summary>Images to evaluate a model on.</summary>
/// <param name="Images">The images, with the model's classes.</param>
/// <param name="Source">Where they are, for people.</param>
public sealed record EvaluationImages(IImageDataset Images, string Source);
