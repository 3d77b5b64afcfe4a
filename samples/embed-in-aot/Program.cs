// Classifies one image with a model file: embed-in-aot MODEL PICTURE
using System.Diagnostics;
using EfficientNetSharp;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;

if (args.Length != 2)
{
    Console.Error.WriteLine("embed-in-aot MODEL.safetensors PICTURE");
    return 2;
}

try
{
    var model = ModelFile.Load(args[0]);
    if (model.Card.Classes.IsEmpty) throw new InvalidInputException($"'{args[0]}' has no classes; give a classifier.");
    var transform = new EvaluationTransform(model.Card.Preprocessing);
    using var engine = EngineRunner.Create(model);
    var image = new float[engine.InputShape.Count];
    transform.Apply(File.ReadAllBytes(args[1]), args[1], image);
    var scores = new float[engine.OutputShape.Count];
    engine.Run(image, batch: 1, scores);

    int best = 0;
    for (int i = 1; i < scores.Length; i++) best = scores[i] > scores[best] ? i : best;
    double probability = 1 / scores.Sum(score => Math.Exp(score - scores[best]));
    var sinceStart = DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime();
    Console.WriteLine(FormattableString.Invariant($"{model.Card.Classes[best]}: {probability:P1}, {sinceStart.TotalMilliseconds:F0} ms after the process began"));
    return 0;
}
catch (InvalidInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
