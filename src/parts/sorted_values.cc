#include "parts/sorted_values.h"

#include <arrow/array.h>
#include <arrow/type_traits.h>
#include <arrow/visit_array_inline.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <type_traits>

namespace coreshed::parts {
namespace {

/// Types whose values Parquet compares as their numbers.
template <typename Type>
constexpr bool kIsNumber =
    std::is_same_v<Type, arrow::Int8Type> || std::is_same_v<Type, arrow::Int16Type> ||
    std::is_same_v<Type, arrow::Int32Type> || std::is_same_v<Type, arrow::Int64Type> ||
    std::is_same_v<Type, arrow::Date32Type>;

struct Collect {
  std::vector<int64_t>* numbers;
  std::vector<std::string>* texts;
  bool is_known = true;

  template <typename ArrayType>
  arrow::Status Visit(const ArrayType& array) {
    using Type = typename ArrayType::TypeClass;
    if constexpr (kIsNumber<Type>) {
      for (int64_t i = 0; i < array.length(); ++i)
        numbers->push_back(static_cast<int64_t>(array.Value(i)));
    } else if constexpr (std::is_same_v<Type, arrow::StringType> ||
                         std::is_same_v<Type, arrow::LargeStringType>) {
      for (int64_t i = 0; i < array.length(); ++i)
        texts->emplace_back(array.GetView(i));
    } else {
      is_known = false;
    }
    return arrow::Status::OK();
  }
};

template <typename Value>
bool Meets(const std::vector<Value>& sorted, const Value& least, const Value& greatest) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), least);
  return found != sorted.end() && !(greatest < *found);
}

template <typename Statistics>
bool NumbersMeet(const std::vector<int64_t>& sorted, const parquet::Statistics& statistics) {
  const auto& typed = static_cast<const Statistics&>(statistics);
  return Meets(sorted, static_cast<int64_t>(typed.min()), static_cast<int64_t>(typed.max()));
}

}  // namespace

SortedValues SortedValues::Of(const arrow::Array& values) {
  SortedValues sorted;
  Collect collect{&sorted.numbers_, &sorted.texts_};
  sorted.is_known_ = arrow::VisitArrayInline(values, &collect).ok() && collect.is_known;
  std::sort(sorted.numbers_.begin(), sorted.numbers_.end());
  std::sort(sorted.texts_.begin(), sorted.texts_.end());
  return sorted;
}

bool SortedValues::MayBeIn(const std::shared_ptr<parquet::Statistics>& statistics) const {
  if (!is_known_ || statistics == nullptr || !statistics->HasMinMax()) return true;
  switch (statistics->physical_type()) {
    case parquet::Type::INT32:
      return NumbersMeet<parquet::Int32Statistics>(numbers_, *statistics);
    case parquet::Type::INT64:
      return NumbersMeet<parquet::Int64Statistics>(numbers_, *statistics);
    case parquet::Type::BYTE_ARRAY: {
      const auto& typed = static_cast<const parquet::ByteArrayStatistics&>(*statistics);
      return Meets(texts_, std::string(std::string_view(typed.min())),
                   std::string(std::string_view(typed.max())));
    }
    default:
      return true;
  }
}

}  // namespace coreshed::parts
