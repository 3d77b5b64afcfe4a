[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("EfficientNetSharp.Training.Benchmarks")]
