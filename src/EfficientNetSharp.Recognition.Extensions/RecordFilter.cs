using System.Linq.Expressions;
using System.Reflection;

namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>A condition on records: run as it is, after what of it the store can answer.</summary>
internal sealed class RecordFilter
{
    private readonly Func<GalleryRecord, bool> _matches;

    public RecordFilter(Expression<Func<GalleryRecord, bool>> filter)
    {
        _matches = filter.Compile();
        Identity = IdentityIn(filter.Body);
    }

    /// <summary>The only identity whose records may match, so that others need not be read; <see langword="null"/> where any may.</summary>
    public string? Identity { get; }

    /// <summary>Whether an embedding matches; the condition sees all of it, the vector too.</summary>
    public bool Matches(GallerySample sample) => _matches(GalleryRecord.Of(sample, includeVector: true));

    private static string? IdentityIn(Expression condition) => condition switch
    {
        BinaryExpression { NodeType: ExpressionType.AndAlso } and => IdentityIn(and.Left) ?? IdentityIn(and.Right),
        BinaryExpression { NodeType: ExpressionType.Equal } equal when equal.Method?.DeclaringType == typeof(string) =>
            IsIdentity(equal.Left) ? ValueOf(equal.Right) : IsIdentity(equal.Right) ? ValueOf(equal.Left) : null,
        _ => null,
    };

    private static bool IsIdentity(Expression expression) =>
        expression is MemberExpression { Expression: ParameterExpression, Member.Name: nameof(GalleryRecord.Identity) };

    // A literal or a captured variable. To compute anything else could fail where the condition, which may stop before, would not.
    private static string? ValueOf(Expression expression) => expression switch
    {
        ConstantExpression constant => constant.Value as string,
        MemberExpression { Expression: ConstantExpression { Value: { } closure }, Member: FieldInfo field } =>
            field.GetValue(closure) as string,
        _ => null,
    };
}
