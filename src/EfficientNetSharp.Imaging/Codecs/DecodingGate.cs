namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// Bounds the images that a process decodes at the same time: together they have at most <see cref="MaxPixels"/>, unless one alone has
/// more. A thread whose image finds no room waits, in the order of coming. So many threads do not multiply what one image may take.
/// </summary>
/// <remarks>Of the process, since its memory is; it changes no result, only when it comes.</remarks>
internal static class DecodingGate
{
    /// <summary>Pixels decoded at the same time: 512 MiB at four bytes each. Eight photographs of twelve megapixels pass.</summary>
    internal const long MaxPixels = 1L << 27;

    private static readonly object Door = new();
    private static readonly Queue<object> Waiting = new();
    private static long s_pixels;

    // Places that this thread has: one that waited for itself would wait for ever.
    [ThreadStatic]
    private static int t_places;

    /// <summary>Takes room for an image, waiting for it where it must. Dispose the place on the same thread.</summary>
    internal static Place Enter(long pixels)
    {
        lock (Door)
        {
            if (t_places == 0 && (Waiting.Count > 0 || !HasRoom(pixels)))
            {
                var ticket = new object();
                Waiting.Enqueue(ticket);
                while (Waiting.Peek() != ticket || !HasRoom(pixels)) Monitor.Wait(Door);
                Waiting.Dequeue();
                // The next may have room too.
                Monitor.PulseAll(Door);
            }

            s_pixels += pixels;
            t_places++;
        }

        return new Place(pixels);
    }

    private static bool HasRoom(long pixels) => s_pixels == 0 || s_pixels + pixels <= MaxPixels;

    /// <summary>Room for an image while it is decoded and made smaller.</summary>
    internal sealed class Place(long pixels) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            if (_isLeft) return;
            _isLeft = true;
            lock (Door)
            {
                s_pixels -= pixels;
                t_places--;
                Monitor.PulseAll(Door);
            }
        }
    }
}
