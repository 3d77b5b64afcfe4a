using TorchSharp;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Where training computes, by the word that the command line takes.</summary>
internal static class TrainingDevice
{
    /// <summary>Finds a device.</summary>
    /// <param name="word"><c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <exception cref="InvalidInputException">The word is none of these, or this build or machine has no such device.</exception>
    public static torch.Device Find(string word)
    {
        TorchRuntime.Prepare();
        if (word == "cpu") return torch.CPU;
        string[] parts = word.Split(':');
        int index = 0;
        if (parts[0] != "cuda" || parts.Length > 2
            || (parts.Length == 2 && !NumberText.TryParseDigits(parts[1], out index)))
            throw new InvalidInputException($"A device is cpu, cuda or cuda:1 (for the second card), found '{word}'.");
        if (!torch.cuda.is_available())
            throw new InvalidInputException(
                $"There is no device '{word}': libtorch found no CUDA card, or this is the build for processors; build with -p:TorchFlavour=cuda-12.8 on a machine with a card, or use --device cpu.");
        int count = torch.cuda.device_count();
        if (index >= count) throw new InvalidInputException(
            $"There is no device '{word}': this machine has {count} CUDA cards, counted from 0.");
        return torch.device(DeviceType.CUDA, index);
    }
}
