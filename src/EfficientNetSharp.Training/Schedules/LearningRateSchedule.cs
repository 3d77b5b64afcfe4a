namespace EfficientNetSharp.Training.Schedules;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine from the end of the warm-up to the last step (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>
    /// A factor every so many epochs, in steps, counted from the first step of the run; the EfficientNet papers' with 0.97 and 2.4.
    /// </summary>
    Step,

    /// <summary>A power of the share of the run that is left, counted from the end of the warm-up.</summary>
    Polynomial,

    /// <summary>The same to the end.</summary>
    Constant,
}

/// <summary>A learning rate's course, in epochs.</summary>
public sealed record ScheduleOptions
{
    /// <summary>The way down; default <see cref="ScheduleKind.Cosine"/>.</summary>
    public ScheduleKind Kind { get; init; }

    /// <summary>Epochs of linear warm-up, at most a fifth of the run; default 3.</summary>
    public double WarmUpEpochs { get; init; } = 3;

    /// <summary>
    /// The last step's share of the peak, for <see cref="ScheduleKind.Cosine"/> and <see cref="ScheduleKind.Polynomial"/>; default 0.01.
    /// </summary>
    public double FinalShare { get; init; } = 0.01;

    /// <summary>The factor of <see cref="ScheduleKind.Step"/>; default 0.97 (EfficientNet §5).</summary>
    public double Factor { get; init; } = 0.97;

    /// <summary>Epochs between the factors of <see cref="ScheduleKind.Step"/>; default 2.4 (EfficientNet §5).</summary>
    public double EveryEpochs { get; init; } = 2.4;

    /// <summary>The exponent of <see cref="ScheduleKind.Polynomial"/>; default 1, a straight line.</summary>
    public double Power { get; init; } = 1;
}

/// <summary>The learning rate of each step.</summary>
internal sealed class LearningRateSchedule
{
    // A longer warm-up would leave a short run no time to learn.
    private const double MaxWarmUpShare = 0.2;

    private readonly ScheduleOptions _options;
    private readonly double _peak;
    private readonly long _total;
    private readonly double _stepsPerEpoch;

    /// <summary>Prepares the schedule of a run.</summary>
    /// <param name="options">Its course.</param>
    /// <param name="peak">Learning rate after the warm-up.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="epochs">Epochs of the run.</param>
    public LearningRateSchedule(ScheduleOptions options, double peak, int stepsPerEpoch, int epochs)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _peak, _stepsPerEpoch, _total) = (options, peak, stepsPerEpoch, (long)stepsPerEpoch * epochs);
        WarmUpSteps = (long)Math.Min(options.WarmUpEpochs * stepsPerEpoch, _total * MaxWarmUpShare);
    }

    /// <summary>Steps of the warm-up; the last of them has the peak's rate, as far as the way down has not begun.</summary>
    public long WarmUpSteps { get; }

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmUpSteps) return _peak * (step + 1) / WarmUpSteps;
        return _peak * _options.Kind switch
        {
            ScheduleKind.Cosine => _options.FinalShare + ((1 - _options.FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * Progress(step)))),
            ScheduleKind.Step => Math.Pow(_options.Factor, Math.Floor(step / (_options.EveryEpochs * _stepsPerEpoch))),
            ScheduleKind.Polynomial => _options.FinalShare + ((1 - _options.FinalShare) * Math.Pow(1 - Progress(step), _options.Power)),
            ScheduleKind.Constant => 1,
            _ => throw new InvalidInputException(
            $"There is no schedule {_options.Kind}; the known ones are {string.Join(", ", Enum.GetNames<ScheduleKind>())}."),
        };
    }

    // 0 at the first step after the warm-up, 1 at the last of the run.
    private double Progress(long step) =>
        _total - 1 <= WarmUpSteps ? 1 : Math.Min(1, (double)(step - WarmUpSteps) / (_total - 1 - WarmUpSteps));
}
