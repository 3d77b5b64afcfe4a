using System.Buffers;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using Microsoft.ML.OnnxRuntime;

namespace EfficientNetSharp.Onnx;

/// <summary>
/// Runs networks on ONNX Runtime's CPU backend, from a model, a graph with weights or any ONNX file that maps one batch of
/// float32 pictures to one float32 output.
/// </summary>
/// <remarks>
/// Input and output stay in the caller's memory: it is pinned for the call and never copied. One runner may be used from
/// several threads at once. The package brings only the managed part of ONNX Runtime; a program adds
/// <c>Microsoft.ML.OnnxRuntime</c>, which holds the native part.
/// </remarks>
public sealed class OnnxRuntimeRunner : IModelRunner
{
    // More than any machine has cores; a number beyond it is a slip, and the operating system would refuse to start the threads.
    private const int MostThreads = 1024;

    private readonly InferenceSession _session;
    private readonly SessionSignature _signature;
    private readonly RunOptions _runOptions = new();
    private readonly string _source;
    private int _disposed;

    private OnnxRuntimeRunner(InferenceSession session, string source, OnnxRuntimeOptions options)
    {
        (_session, _source) = (session, source);
        try
        {
            _signature = SessionSignature.Of(session, source, options);
            InputShape = _signature.Input;
            OutputShape = _signature.Output ?? Probe();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public string Backend => "onnxruntime";

    /// <inheritdoc />
    public TensorShape InputShape { get; }

    /// <inheritdoc />
    public TensorShape OutputShape { get; }

    /// <summary>Makes a runner for a model at its card's size or the options'; batch normalisations are folded.</summary>
    /// <exception cref="InvalidInputException">The weights do not fit the network, or it is over ONNX's limit of 2 GB.</exception>
    public static OnnxRuntimeRunner Create(Model model, OnnxRuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var export = new OnnxExportOptions { Height = options?.Height, Width = options?.Width };
        return Load(OnnxExporter.ExportToBytes(model, export), model.Architecture.Name, options);
    }

    /// <summary>Makes a runner for a network; batch normalisations are folded.</summary>
    /// <exception cref="InvalidInputException">The weights do not fit the network, or it is over ONNX's limit of 2 GB.</exception>
    /// <exception cref="ArgumentException">The options name a size other than the graph's.</exception>
    public static OnnxRuntimeRunner Create(Graph graph, WeightSet weights, OnnxRuntimeOptions? options = null)
    {
        var export = new OnnxExportOptions { Height = options?.Height, Width = options?.Width };
        return Load(OnnxExporter.ExportToBytes(graph, weights, export), "The network", options);
    }

    /// <summary>Opens an ONNX file.</summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is not ONNX, is cut short, or is not a network from a batch of pictures to one output; or the
    /// options name a size that it does not take.
    /// </exception>
    public static OnnxRuntimeRunner Open(string path, OnnxRuntimeOptions? options = null)
    {
        OnnxModelFile.EnsureFile(path);
        return Start(settings => new InferenceSession(path, settings), $"'{path}'", options);
    }

    /// <summary>Takes the bytes of an ONNX file.</summary>
    /// <inheritdoc cref="Open" path="/exception" />
    public static OnnxRuntimeRunner Load(byte[] onnx, OnnxRuntimeOptions? options = null) => Load(onnx, "The ONNX data", options);

    /// <inheritdoc />
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        CheckLength(input.Length, batch, InputShape, nameof(input));
        CheckLength(output.Length, batch, OutputShape, nameof(output));
        if (_signature.Batch is not { } most)
        {
            RunOnce(input, batch, output);
            return;
        }

        // A file for a fixed number of pictures takes a larger batch in pieces, the last of them filled up.
        int pictureLength = input.Length / batch, rowLength = output.Length / batch, done = 0;
        for (; done + most <= batch; done += most)
            RunOnce(input.Slice(done * pictureLength, most * pictureLength), most, output.Slice(done * rowLength, most * rowLength));
        if (done < batch) RunFilledUp(input[(done * pictureLength)..], pictureLength, most, output[(done * rowLength)..], rowLength);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static OnnxRuntimeRunner Load(byte[] onnx, string source, OnnxRuntimeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        if (onnx.Length == 0) throw NotUsable(source, "it is empty", null);
        return Start(settings => new InferenceSession(onnx, settings), source, options);
    }

    private static OnnxRuntimeRunner Start(Func<SessionOptions, InferenceSession> open, string source, OnnxRuntimeOptions? options)
    {
        options ??= new OnnxRuntimeOptions();
        if (options.Threads is < 0 or > MostThreads)
            throw new InvalidInputException($"The number of threads is expected to be 0 (one a core) to {MostThreads}, found {options.Threads}.");
        using var settings = Settings(options);
        InferenceSession session;
        try
        {
            session = open(settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw NotUsable(source, OneLine.Clean(e.Message, 200), e);
        }

        return new OnnxRuntimeRunner(session, source, options);
    }

    // Measured with EfficientNet-B0 at 224 on two AVX2 cores, ONNX Runtime 1.31, medians of fresh processes. All optimisations, with
    // their blocked layout: made in 0.33 s, first picture 0.06 s, then 8 ms a picture on one thread; without the layout 0.22 s,
    // 0.08 s and 18 ms, so the dearer start is earned back within some ten pictures. Without the memory arena a picture costs
    // half as much processor time again, without spinning threads two of them gain nothing over one; both stay on.
    private static SessionOptions Settings(OnnxRuntimeOptions options) => new()
    {
        IntraOpNumThreads = options.Threads,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        // What goes wrong comes as an exception; the library has no business on stderr.
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private static InvalidInputException NotUsable(string source, string why, Exception? inner) =>
        new($"{source} is expected to be an ONNX network, but ONNX Runtime cannot load it ({why.TrimEnd('.')}); fetch or export it again.", inner!);

    private static void CheckLength(int length, int batch, TensorShape shape, string name)
    {
        if (length != batch * shape.Count)
            throw new ArgumentException($"{batch} × {shape} are {batch * shape.Count} values, found {length}.", name);
    }

    private unsafe void RunOnce(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        fixed (float* x = input, y = output)
        {
            using var inputValue = Wrap(x, input.Length, Dimensions(batch, InputShape));
            using var outputValue = Wrap(y, output.Length, Dimensions(batch, OutputShape));
            Guard(() => _session.Run(_runOptions, _signature.InputNames, [inputValue], _signature.OutputNames, [outputValue]), batch);
        }
    }

    private static unsafe OrtValue Wrap(float* values, int count, long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, shape, (IntPtr)values, (long)count * sizeof(float));

    private static long[] Dimensions(int batch, TensorShape shape) =>
        shape.IsVector ? [batch, shape.Channels] : [batch, shape.Channels, shape.Height, shape.Width];

    private void RunFilledUp(ReadOnlySpan<float> input, int pictureLength, int batch, Span<float> output, int rowLength)
    {
        float[] pictures = ArrayPool<float>.Shared.Rent(batch * pictureLength), rows = ArrayPool<float>.Shared.Rent(batch * rowLength);
        try
        {
            input.CopyTo(pictures);
            pictures.AsSpan(input.Length, (batch * pictureLength) - input.Length).Clear();
            RunOnce(pictures.AsSpan(0, batch * pictureLength), batch, rows.AsSpan(0, batch * rowLength));
            rows.AsSpan(0, output.Length).CopyTo(output);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(pictures);
            ArrayPool<float>.Shared.Return(rows);
        }
    }

    // Files by other writers may leave their output's shape open; a run on an empty picture says it.
    private TensorShape Probe()
    {
        int batch = _signature.Batch ?? 1;
        using var input = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, Dimensions(batch, InputShape));
        input.GetTensorMutableDataAsSpan<float>().Clear();
        long[] shape = [];
        Guard(
            () =>
            {
                using var outputs = _session.Run(_runOptions, _signature.InputNames, [input], _signature.OutputNames);
                shape = outputs[0].GetTensorTypeAndShape().Shape;
            },
            batch);
        return SessionSignature.ShapeOf(shape, _source)
            ?? throw new InvalidInputException($"{_source} yields [{string.Join(", ", shape)}], but a row or a map for each picture is expected; use another file.");
    }

    // A network that loads may still not run, for example when it reshapes to a size that the batch does not fit.
    private void Guard(Action run, int batch)
    {
        try
        {
            run();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"{_source} does not run on {batch} × {InputShape}: {OneLine.Clean(e.Message, 200)}", e);
        }
    }
}
