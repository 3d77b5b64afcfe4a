using System.Buffers;
using EfficientNetSharp.Vectors;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>A depthwise convolution over maps with channels innermost: one kernel per channel, no bias.</summary>
internal sealed unsafe class DepthwiseFunction : IDisposable
{
    /// <summary>
    /// Pieces that the batch is cut into for the gradient of the kernel, each with sums of its own: enough for the threads of a large
    /// machine, few enough that adding them up is nothing.
    /// </summary>
    private const int MaxWeightPieces = 64;

    private readonly Tensor _x, _weight;
    private readonly DepthwiseShape _shape;

    private DepthwiseFunction(Tensor x, Tensor weight, in DepthwiseShape shape) => (_x, _weight, _shape) = (x, weight, shape);

    /// <summary>Convolves.</summary>
    /// <param name="map">[N,C,H,W].</param>
    /// <param name="weight">[C,1,K,K], kept for the way back.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="top">Rows of zeros above.</param>
    /// <param name="left">Columns of zeros to the left.</param>
    /// <param name="bottom">Rows of zeros below.</param>
    /// <param name="right">Columns of zeros to the right.</param>
    /// <param name="y">[N,C,H',W']; the caller disposes it.</param>
    public static DepthwiseFunction Forward(Tensor map, Tensor weight, int stride, int top, int left, int bottom, int right, out Tensor y)
    {
        var x = Maps.Innermost(map).DetachFromDisposeScope();
        long[] size = x.shape;
        int kernel = (int)weight.shape[2];
        int height = (int)size[2], width = (int)size[3];
        var shape = new DepthwiseShape(
            (int)size[0], (int)size[1], height, width, kernel, stride, top, left,
            ((height + top + bottom - kernel) / stride) + 1, ((width + left + right - kernel) / stride) + 1);
        y = Maps.New(shape.Images, shape.Channels, shape.OutputHeight, shape.OutputWidth);
        Gather(
            x, y, weight,
            DepthwiseTaps.Forward(height, shape.OutputHeight, kernel, stride, top),
            DepthwiseTaps.Forward(width, shape.OutputWidth, kernel, stride, left));
        return new DepthwiseFunction(x, weight, shape);
    }

    /// <summary>The gradient of the input.</summary>
    /// <param name="gradient">The gradient of y, with channels innermost.</param>
    /// <returns>[N,C,H,W]; the caller disposes it.</returns>
    public Tensor InputGradient(Tensor gradient)
    {
        var dx = Maps.NewLike(_x);
        Gather(
            gradient, dx, _weight,
            DepthwiseTaps.Backward(_shape.Height, _shape.OutputHeight, _shape.Kernel, _shape.Stride, _shape.Top),
            DepthwiseTaps.Backward(_shape.Width, _shape.OutputWidth, _shape.Kernel, _shape.Stride, _shape.Left));
        return dx;
    }

    /// <summary>Adds the gradient of the kernel to a tensor.</summary>
    /// <param name="gradient">The gradient of y, with channels innermost.</param>
    /// <param name="weightGradient">[C,1,K,K], added to.</param>
    public void AddWeightGradient(Tensor gradient, Tensor weightGradient)
    {
        var shape = _shape;
        int padded = Rows.Padded(shape.Channels), taps = shape.Kernel * shape.Kernel, pieces = Math.Min(shape.Images, MaxWeightPieces);
        var (firstWhole, endWhole) = shape.WholeColumns();
        float[] rented = ArrayPool<float>.Shared.Rent(pieces * taps * padded);
        float* x = Maps.PointerOf(_x), dy = Maps.PointerOf(gradient);
        fixed (float* sums = rented)
        {
            float* all = sums;
            Pieces.Run(pieces, piece =>
            {
                float* own = all + ((nint)piece * taps * padded);
                new Span<float>(own, taps * padded).Clear();
                int end = shape.Images * (piece + 1) / pieces;
                for (int image = shape.Images * piece / pieces; image < end; image++)
                {
                    for (int row = 0; row < shape.OutputHeight; row++)
                    {
                        for (int tap = 0; tap < shape.Kernel; tap++)
                        {
                            int from = (row * shape.Stride) + tap - shape.Top;
                            if (from < 0 || from >= shape.Height) continue;
                            var work = new DepthwiseWeightSums
                            {
                                Input = x + ((((nint)image * shape.Height) + from) * shape.Width * shape.Channels),
                                Gradient = dy + ((((nint)image * shape.OutputHeight) + row) * shape.OutputWidth * shape.Channels),
                                Sums = own + ((nint)tap * shape.Kernel * padded),
                                Padded = padded,
                                Channels = shape.Channels,
                                Kernel = shape.Kernel,
                                Stride = shape.Stride,
                                Pad = shape.Left,
                                InputWidth = shape.Width,
                                OutputWidth = shape.OutputWidth,
                                FirstWhole = firstWhole,
                                EndWhole = endWhole,
                            };
                            VectorWidth.Choose(shape.Channels, ref work);
                        }
                    }
                }
            });
            Collect(sums, pieces, padded, TensorMemory.SpanOf(weightGradient));
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <inheritdoc />
    public void Dispose() => _x.Dispose();

    private static void Gather(Tensor from, Tensor to, Tensor weight, DepthwiseTaps rows, DepthwiseTaps columns)
    {
        int channels = (int)from.shape[1], kernel = (int)weight.shape[2];
        int height = (int)from.shape[2], width = (int)from.shape[3], outputHeight = (int)to.shape[2], outputWidth = (int)to.shape[3];
        int images = (int)from.shape[0];
        float* input = Maps.PointerOf(from), output = Maps.PointerOf(to);
        fixed (float* taps = Transposed(weight))
        {
            float* weights = taps;
            Pieces.Run(images * outputHeight, piece =>
            {
                int image = piece / outputHeight, row = piece % outputHeight;
                var rowTaps = rows.Lists[rows.Patterns[row]];
                float* inputRow = input + ((((nint)image * height) + rows.Origins[row]) * width * channels);
                float* outputRow = output + ((((nint)image * outputHeight) + row) * outputWidth * channels);
                nint* distances = stackalloc nint[kernel * kernel];
                float** tapWeights = stackalloc float*[kernel * kernel];
                foreach (var (pattern, first, step, pixels) in columns.Runs)
                {
                    int count = 0;
                    foreach (var (down, rowTap) in rowTaps)
                    {
                        foreach (var (across, columnTap) in columns.Lists[pattern])
                        {
                            distances[count] = (((nint)down * width) + across) * channels;
                            tapWeights[count++] = weights + ((nint)((rowTap * kernel) + columnTap) * channels);
                        }
                    }

                    var work = new DepthwisePixels
                    {
                        Input = inputRow + ((nint)columns.Origins[first] * channels),
                        Step = pixels > 1 ? (nint)(columns.Origins[first + step] - columns.Origins[first]) * channels : 0,
                        Output = outputRow + ((nint)first * channels),
                        OutputStep = (nint)step * channels,
                        Pixels = pixels,
                        Channels = channels,
                        Distances = distances,
                        Weights = tapWeights,
                        Taps = count,
                    };
                    VectorWidth.Choose(channels, ref work);
                }
            });
        }
    }

    // [C,1,K,K] → [K,K,C].
    private static float[] Transposed(Tensor weight)
    {
        var values = TensorMemory.SpanOf(weight);
        int channels = (int)weight.shape[0], taps = values.Length / channels;
        var transposed = new float[values.Length];
        for (int c = 0; c < channels; c++)
        {
            for (int tap = 0; tap < taps; tap++) transposed[(tap * channels) + c] = values[(c * taps) + tap];
        }

        return transposed;
    }

    private void Collect(float* sums, int pieces, int padded, Span<float> gradient)
    {
        int channels = _shape.Channels, taps = _shape.Kernel * _shape.Kernel;
        var lanes = default(LaneCount);
        VectorWidth.Choose(channels, ref lanes);
        var row = new float[channels];
        var total = new double[channels];
        fixed (float* unpacked = row)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                total.AsSpan().Clear();
                for (int piece = 0; piece < pieces; piece++)
                {
                    Rows.Unpack(sums + (((nint)piece * taps) + tap) * padded, channels, lanes.Value, unpacked);
                    for (int c = 0; c < channels; c++) total[c] += row[c];
                }

                for (int c = 0; c < channels; c++) gradient[(c * taps) + tap] += (float)total[c];
            }
        }
    }

    private struct LaneCount : IVectorUser
    {
        public int Value;

        public void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct => Value = TSimd.Lanes;
    }
}

/// <summary>Sizes of a depthwise convolution.</summary>
internal readonly record struct DepthwiseShape(
    int Images, int Channels, int Height, int Width, int Kernel, int Stride, int Top, int Left, int OutputHeight, int OutputWidth)
{
    /// <summary>Output columns whose whole window lies on the map: [first, end).</summary>
    public (int First, int End) WholeColumns()
    {
        int first = Math.Min(OutputWidth, (Left + Stride - 1) / Stride);
        int end = Width + Left < Kernel ? 0 : ((Width + Left - Kernel) / Stride) + 1;
        return (first, Math.Clamp(end, first, OutputWidth));
    }
}
