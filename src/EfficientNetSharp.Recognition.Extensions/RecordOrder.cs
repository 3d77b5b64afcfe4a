using System.Linq.Expressions;
using EfficientNetSharp.Files;
using Microsoft.Extensions.VectorData;

namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>A record with what it is ordered by.</summary>
internal readonly record struct OrderedRecord(object?[] Values, GalleryRecord Record);

/// <summary>An order of records: text by code units, and the smaller number first where all that it orders by is equal.</summary>
internal sealed class RecordOrder : IComparer<OrderedRecord>
{
    private readonly (Func<GalleryRecord, object?> Select, int Sign)[] _terms;

    private RecordOrder(IEnumerable<FilteredRecordRetrievalOptions<GalleryRecord>.OrderByDefinition.SortInfo> terms) =>
        _terms = [.. terms.Select(term => (SelectorOf(term.PropertySelector), term.Ascending ? 1 : -1))];

    /// <summary>The order that options ask for; <see langword="null"/> where they ask for none.</summary>
    /// <exception cref="InvalidInputException">They order by something that has no order.</exception>
    public static RecordOrder? Of(FilteredRecordRetrievalOptions<GalleryRecord> options) =>
        options.OrderBy?.Invoke(new()).Values is { Count: > 0 } terms ? new RecordOrder(terms) : null;

    public OrderedRecord Of(GallerySample sample, bool includeVector)
    {
        var whole = GalleryRecord.Of(sample, includeVector: true);
        return new(Array.ConvertAll(_terms, term => term.Select(whole)), GalleryRecord.Of(sample, includeVector));
    }

    public int Compare(OrderedRecord x, OrderedRecord y)
    {
        for (int i = 0; i < _terms.Length; i++)
        {
            int order = x.Values[i] is string a && y.Values[i] is string b
                ? string.CompareOrdinal(a, b)
                : Comparer<object>.Default.Compare(x.Values[i], y.Values[i]);
            // Not multiplied: the smallest number has no opposite.
            if (order != 0) return order > 0 ? _terms[i].Sign : -_terms[i].Sign;
        }

        return x.Record.Key.CompareTo(y.Record.Key);
    }

    private static Func<GalleryRecord, object?> SelectorOf(Expression<Func<GalleryRecord, object?>> selector)
    {
        var body = selector.Body is UnaryExpression { NodeType: ExpressionType.Convert } boxed ? boxed.Operand : selector.Body;
        if (!typeof(IComparable).IsAssignableFrom(Nullable.GetUnderlyingType(body.Type) ?? body.Type))
            throw new InvalidInputException(
                $"Records are ordered by {nameof(GalleryRecord.Key)}, {nameof(GalleryRecord.Identity)}, {nameof(GalleryRecord.Source)}, {nameof(GalleryRecord.ContentHash)} or {nameof(GalleryRecord.Enrolled)}, found {OneLine.Quote(selector.Body.ToString())}; name one of these.");
        return selector.Compile();
    }
}
