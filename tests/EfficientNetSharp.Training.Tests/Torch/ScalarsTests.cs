using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>Numbers that libtorch reads, and what is computed with them.</summary>
public sealed class ScalarsTests
{
    private const int Held = 256;

    [Fact]
    public async Task Numbers_outlive_collections_on_every_thread_until_as_many_others_are_made()
    {
        TorchRuntime.Prepare();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() => Check(thread), TestContext.Current.CancellationToken)));

        static void Check(int thread)
        {
            for (int round = 0; round < 8; round++)
            {
                int first = (1000 * thread) + (100 * round);
                var made = Make(first);
                Collect();
                AssertValues(made, first);
                Make(0);
                Collect();
                Assert.DoesNotContain(made, reference => reference.IsAlive);
            }
        }
    }

    [Fact]
    public void Integers_leave_integers_what_they_are_and_real_numbers_do_not()
    {
        TorchRuntime.Prepare();
        using var scope = NewDisposeScope();
        var integers = TensorArithmetic.Range(3);

        Assert.Equal(ScalarType.Int64, integers.dtype);
        Assert.Equal([1L, 2L, 3L], integers.Plus(1).data<long>().ToArray());
        Assert.Equal([-2L, -1L, 0L], integers.Minus(2).data<long>().ToArray());
        Assert.Equal([0L, 3L, 6L], integers.Times(3).data<long>().ToArray());
        Assert.Equal([0L, 1L, 4L], integers.Squared().data<long>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], integers.Over(2).data<float>().ToArray());
        Assert.Equal([1f, 2f, 3f], integers.Plus(1.0).data<float>().ToArray());
        Assert.Equal([-2.5f, -1.5f, -0.5f], integers.Minus(2.5).data<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], integers.Times(0.5).data<float>().ToArray());
        Assert.Equal([0f, 4f, 8f], integers.Over(0.25).data<float>().ToArray());
        Assert.Equal([0f, 2f, 4f], integers.Plus(TensorArithmetic.Range(3, ScalarType.Float32)).data<float>().ToArray());
    }

    [Fact]
    public void A_number_is_read_from_a_tensor_of_any_type()
    {
        TorchRuntime.Prepare();
        using var scope = NewDisposeScope();

        Assert.Equal(Math.PI, tensor(Math.PI).Number());
        Assert.Equal(0.1f, tensor(0.1f).Number());
        Assert.Equal(-7, tensor(-7L).Number());
        Assert.Equal(1, tensor(true).Number());
        Assert.Equal(1.5, tensor(1.5f).to(ScalarType.BFloat16).Number());
    }

    // The build rule sees every other use of an operator.
    [Fact]
    public void No_compound_assignment_makes_numbers_that_nothing_holds()
    {
        foreach (var module in new[] { typeof(Scalars).Module, typeof(ScalarsTests).Module })
        {
            using var file = new PEReader(File.OpenRead(module.FullyQualifiedName));
            var metadata = file.GetMetadataReader();
            var operators = metadata.MemberReferences.Where(handle => IsTensorOperator(metadata, metadata.GetMemberReference(handle)))
                .Select(handle => module.ResolveMethod(MetadataTokens.GetToken(handle))!);

            Assert.DoesNotContain(operators, called =>
                called.Name == "op_Addition" || called.GetParameters().Any(parameter => parameter.ParameterType.IsPrimitive));
        }
    }

    private static bool IsTensorOperator(MetadataReader metadata, MemberReference member) =>
        member.Parent.Kind == HandleKind.TypeReference
        && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name, nameof(Tensor))
        && metadata.StringComparer.StartsWith(member.Name, "op_");

    // Methods of their own, so that nothing here holds what they make.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Make(int first) =>
        [.. Enumerable.Range(first, Held).Select(i => new WeakReference(i % 2 == 0 ? Scalars.Of(i) : Scalars.Of(i + 0.5)))];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AssertValues(WeakReference[] made, int first)
    {
        for (int i = 0; i < Held; i++)
        {
            var scalar = Assert.IsType<Scalar>(made[i].Target);
            Assert.Equal(first + i + ((first + i) % 2 * 0.5), scalar.ToDouble());
            Assert.Equal((first + i) % 2 == 0 ? ScalarType.Int64 : ScalarType.Float64, scalar.Type);
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
