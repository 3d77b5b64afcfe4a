namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Reads one of several things in an input: what is refused in one line does not keep the others from being read.</summary>
internal static class Attempt
{
    /// <summary>Reads; any other exception than a refusal in one line comes out.</summary>
    public static void Read(Action read)
    {
        try
        {
            read();
        }
        catch (InvalidInputException e) when (!e.Message.Any(char.IsControl))
        {
        }
    }
}
