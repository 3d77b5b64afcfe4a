using EfficientNetSharp.Cli;
using EfficientNetSharp.Cli.Support;

using var interruption = new Interruption();
return EffnetCommand.Run(args, Terminal.OfProcess(interruption));
