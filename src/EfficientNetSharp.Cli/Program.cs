using EfficientNetSharp.Cli;

return EffnetCommand.Run(args, Terminal.OfProcess());
