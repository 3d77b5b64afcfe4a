// libtorch's number of threads is one for the whole process and decides the order of sums: a test that trains to equal bytes cannot run
// beside one that sets it.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
