using EfficientNetSharp.Studies.Search;

namespace EfficientNetSharp.Studies.Strategies;

/// <summary>How far a strategy goes to a cost, as it was found when the study was begun.</summary>
/// <param name="Strategy">The strategy's name (<see cref="Architectures.Scaling.ScalingStrategy.Name"/>).</param>
/// <param name="Cost">What is equal among the networks that it is compared with.</param>
/// <param name="Phi">How far it goes.</param>
/// <param name="Macs">The network's multiply-adds.</param>
/// <param name="Ms">Its time for one image in milliseconds.</param>
public sealed record StrategyPoint(string Strategy, SearchCost Cost, double Phi, long Macs, double Ms);
