namespace EfficientNetSharp.Prediction;

/// <summary>One class that a network names for an image.</summary>
/// <param name="ClassIndex">The class's place in the network's outputs, from 0.</param>
/// <param name="Class">The class's name.</param>
/// <param name="Probability">Its softmax over all classes, 0…1.</param>
public sealed record ClassPrediction(int ClassIndex, string Class, double Probability);
