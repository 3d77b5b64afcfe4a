// Classifies one image with a model file: embed-in-aot MODEL IMAGE
using System.Diagnostics;
using EfficientNetSharp;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

if (args.Length != 2)
{
    Console.Error.WriteLine("embed-in-aot MODEL.safetensors IMAGE");
    return 2;
}

try
{
    // What this program opens and runs is named here, so the compiler sees all of it.
    var opener = new ModelOpener([new EngineBackend()], [new ModelFileReader()]);
    using var classifier = ImageClassifier.Open(opener, args[0]);
    var best = classifier.Classify(args[1], k: 1)[0];
    var sinceStart = DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime();
    Console.WriteLine(FormattableString.Invariant(
        $"{best.Class}: {best.Probability:P1}, {sinceStart.TotalMilliseconds:F0} ms after the process began"));
    return 0;
}
catch (InvalidInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
