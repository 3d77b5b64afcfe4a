using System.Buffers;
using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Reading;
using EfficientNetSharp.Running;
using Microsoft.ML.OnnxRuntime;

namespace EfficientNetSharp.Onnx;

/// <summary>
/// Runs networks on ONNX Runtime's CPU backend, from a model, a graph with weights or any ONNX file that maps one batch of
/// float32 images to rows or maps of float32.
/// </summary>
/// <remarks>
/// A file's first output is the result. Its others count where they are rows or maps too; <see cref="Run"/> does not compute them.
/// Input and output stay in the caller's memory: it is pinned for the call and never copied. Calls from several threads run
/// side by side in one session, which keeps what belongs to a call apart. The package brings only the managed part of ONNX Runtime; a
/// program adds
/// <c>Microsoft.ML.OnnxRuntime</c>, which holds the native part.
/// </remarks>
public sealed class OnnxRuntimeRunner : IModelRunner
{
    internal const string BackendName = "onnxruntime";

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
            (OutputNames, OutputShapes) = _signature.Outputs.Contains(null)
                ? Probe()
                : ([.. _signature.OutputNames], [.. _signature.Outputs.Select(shape => shape!.Value)]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public string Backend => BackendName;

    /// <inheritdoc />
    public TensorShape InputShape { get; }

    /// <inheritdoc />
    public TensorShape OutputShape => OutputShapes[0];

    /// <inheritdoc />
    public ImmutableArray<TensorShape> OutputShapes { get; }

    /// <summary>What the file calls each of <see cref="OutputShapes"/>.</summary>
    public ImmutableArray<string> OutputNames { get; }

    /// <summary>Makes a runner for a model at its card's size or the options'; batch normalisations are folded.</summary>
    /// <exception cref="InvalidInputException">
    /// The weights do not fit the network, it is over ONNX's limit of 2 GB, or its integers are computed by other rules than ONNX's.
    /// </exception>
    public static OnnxRuntimeRunner Create(Model model, OnnxRuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        EnsureArithmetic(model.Graph);
        var export = new OnnxExportOptions { Height = options?.Height, Width = options?.Width };
        return Load(OnnxExporter.ExportToBytes(model, export), model.Name, options);
    }

    /// <summary>Makes a runner for a network; batch normalisations are folded.</summary>
    /// <exception cref="InvalidInputException">
    /// The weights do not fit the network, it is over ONNX's limit of 2 GB, or its integers are computed by other rules than ONNX's.
    /// </exception>
    /// <exception cref="ArgumentException">The options name a size other than the graph's.</exception>
    public static OnnxRuntimeRunner Create(Graph graph, WeightSet weights, OnnxRuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        EnsureArithmetic(graph);
        var export = new OnnxExportOptions { Height = options?.Height, Width = options?.Width };
        return Load(OnnxExporter.ExportToBytes(graph, weights, export), "The network", options);
    }

    /// <summary>Opens an ONNX file.</summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is not ONNX, is cut short, or is not a network from a batch of images to one output; or the
    /// options name a size that it does not take.
    /// </exception>
    public static OnnxRuntimeRunner Open(string path, OnnxRuntimeOptions? options = null)
    {
        OnnxModelFile.EnsureFile(path);
        ExternalFile.CheckAll(path);
        return Start(settings => new InferenceSession(path, settings), $"'{path}'", options);
    }

    /// <summary>Takes the bytes of an ONNX file.</summary>
    /// <inheritdoc cref="Open" path="/exception" />
    public static OnnxRuntimeRunner Load(byte[] onnx, OnnxRuntimeOptions? options = null) => Load(onnx, "The ONNX data", options);

    /// <inheritdoc />
    public unsafe void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        CheckInput(input.Length, batch);
        CheckLength(output.Length, batch, OutputShape, nameof(output));
        fixed (float* y = output) RunInPieces(input, batch, [(nint)y]);
    }

    /// <inheritdoc />
    public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
    {
        CheckInput(input.Length, batch);
        if (outputs.Length != OutputShapes.Length)
            throw new ArgumentException($"The network has {OutputShapes.Length} outputs, found room for {outputs.Length}.",
                nameof(outputs));
        for (int i = 0; i < outputs.Length; i++) CheckLength(outputs[i].Length, batch, OutputShapes[i], nameof(outputs));
        using var pinned = new PinnedMemories(outputs);
        RunInPieces(input, batch, pinned.Addresses);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _runOptions.Dispose();
        _session.Dispose();
    }

    // A file of its integers can be written, and says what rounds otherwise; a backend that stands for the target may not.
    private static void EnsureArithmetic(Graph graph)
    {
        if (graph.Quantization is { Arithmetic: not IntegerArithmetic.Onnx and var other })
            throw new InvalidInputException(
                $"ONNX Runtime rounds as ONNX says, and the network's integers are {other}'s; run it with the engine, or export it.")
            {
                UnsupportedOperator = $"{other} arithmetic",
            };
    }

    private static OnnxRuntimeRunner Load(byte[] onnx, string source, OnnxRuntimeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        if (onnx.Length == 0) throw NotUsable(source, "it is empty", null);
        if (ExternalFile.HasAny(onnx)) throw NotUsable(source, "it has values in other files; open it from its file", null);
        return Start(settings => new InferenceSession(onnx, settings), source, options);
    }

    private static OnnxRuntimeRunner Start(Func<SessionOptions, InferenceSession> open, string source, OnnxRuntimeOptions? options)
    {
        options ??= new OnnxRuntimeOptions();
        new RunnerOptions { Threads = options.Threads }.Check();
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
    // their blocked layout: made in 0.33 s, first image 0.06 s, then 8 ms per image on one thread; without the layout 0.22 s,
    // 0.08 s and 18 ms, so the dearer start is earned back within some ten images. Without the memory arena an image costs
    // half as much processor time again, without spinning threads two of them gain nothing over one; both stay on.
    private static SessionOptions Settings(OnnxRuntimeOptions options) => new()
    {
        IntraOpNumThreads = options.Threads,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = options.Optimizes ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        // What goes wrong comes as an exception; the library has no business on stderr.
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private static InvalidInputException NotUsable(string source, string why, Exception? inner) =>
        new($"{source} is expected to be an ONNX network, but ONNX Runtime cannot load it ({why.TrimEnd('.')}); fetch or export it again.",
            inner!);

    private static void CheckLength(int length, int batch, TensorShape shape, string name)
    {
        if (length != batch * shape.Count)
            throw new ArgumentException($"{batch} × {shape} are {batch * shape.Count} values, found {length}.", name);
    }

    private void CheckInput(int length, int batch)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        CheckLength(length, batch, InputShape, "input");
    }

    // The outputs are as many of the first as there are addresses.
    private void RunInPieces(ReadOnlySpan<float> input, int batch, nint[] outputs)
    {
        if (_signature.Batch is not { } max)
        {
            RunOnce(input, batch, outputs);
            return;
        }

        // A file for a fixed number of images takes a larger batch in pieces, the last of them filled up.
        int imageLength = input.Length / batch, done = 0;
        for (; done + max <= batch; done += max) RunOnce(input.Slice(done * imageLength, max * imageLength), max, Behind(outputs, done));
        if (done < batch) RunFilledUp(input[(done * imageLength)..], batch - done, max, Behind(outputs, done));
    }

    private nint[] Behind(nint[] outputs, int rows) =>
        [.. outputs.Select((address, i) => address + (nint)(rows * OutputShapes[i].Count * sizeof(float)))];

    private unsafe void RunOnce(ReadOnlySpan<float> input, int batch, nint[] outputs)
    {
        fixed (float* x = input)
        {
            using var inputValue = Wrap(x, input.Length, Dimensions(batch, InputShape));
            var outputValues = new OrtValue[outputs.Length];
            try
            {
                for (int i = 0; i < outputs.Length; i++)
                    outputValues[i] = Wrap((float*)outputs[i], batch * OutputShapes[i].Count, Dimensions(batch, OutputShapes[i]));
                string[] names = [.. OutputNames.Take(outputs.Length)];
                Guard(() => _session.Run(_runOptions, _signature.InputNames, [inputValue], names, outputValues), batch);
            }
            finally
            {
                foreach (var value in outputValues) value?.Dispose();
            }
        }
    }

    private static unsafe OrtValue Wrap(float* values, long count, long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, shape, (IntPtr)values,
        count * sizeof(float));

    private static long[] Dimensions(int batch, TensorShape shape) =>
        shape.IsVector ? [batch, shape.Channels] : [batch, shape.Channels, shape.Height, shape.Width];

    private unsafe void RunFilledUp(ReadOnlySpan<float> input, int rows, int batch, nint[] outputs)
    {
        int length = input.Length / rows * batch;
        float[] images = ArrayPool<float>.Shared.Rent(length);
        try
        {
            input.CopyTo(images);
            images.AsSpan(input.Length, length - input.Length).Clear();
            var whole = outputs.Select((_, i) => new float[batch * OutputShapes[i].Count]).ToArray();
            using (var pinned = new PinnedMemories([.. whole.Select(values => values.AsMemory())])) RunOnce(images.AsSpan(0, length), batch,
                pinned.Addresses);
            for (int i = 0; i < outputs.Length; i++)
            {
                int wanted = (int)(rows * OutputShapes[i].Count);
                whole[i].AsSpan(0, wanted).CopyTo(new Span<float>((void*)outputs[i], wanted));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(images);
        }
    }

    // Files by other writers may leave their outputs' shapes open; a run on an empty image says them.
    private (ImmutableArray<string> Names, ImmutableArray<TensorShape> Shapes) Probe()
    {
        int batch = _signature.Batch ?? 1;
        using var input = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, Dimensions(batch, InputShape));
        input.GetTensorMutableDataAsSpan<float>().Clear();
        long[][] shapes = [];
        Guard(
            () =>
            {
                using var outputs = _session.Run(_runOptions, _signature.InputNames, [input], _signature.OutputNames);
                shapes = [.. outputs.Select(output => output.GetTensorTypeAndShape().Shape)];
            },
            batch);
        if (SessionSignature.ShapeOf(shapes[0], _source) is null)
            throw new InvalidInputException(
                $"{_source} yields [{string.Join(", ", shapes[0])}], but a row or a map for each image is expected; use another file.");
        var rows = _signature.OutputNames.Zip(shapes)
            .Where((output, i) => i == 0
                || (output.Second.Length is 2 or 4 && output.Second[0] == batch
                && SessionSignature.ShapeOf(output.Second, _source) is not null))
            .ToArray();
        return ([.. rows.Select(output => output.First)],
            [.. rows.Select(output => SessionSignature.ShapeOf(output.Second, _source)!.Value)]);
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
