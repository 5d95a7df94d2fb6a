#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace coreshed::parts {

/// Bring values, or a dictionary array of such, to the dictionary type `type`, over the dictionary
/// `kept` or, where that is null, one of the values that occur. kCorruption where `kept` lacks one.
Result<std::shared_ptr<arrow::ArrayData>> EncodeDictionary(
    const std::shared_ptr<arrow::ArrayData>& values, const std::shared_ptr<arrow::DataType>& type,
    const std::shared_ptr<arrow::Array>& kept);

/// The values that a dictionary array stands for; a null entry of the dictionary becomes a null.
Result<std::shared_ptr<arrow::ArrayData>> ExpandDictionary(const arrow::ArrayData& encoded);

/// The same for dictionary arrays of one type of (large) strings or binaries, one after the other.
Result<std::shared_ptr<arrow::ArrayData>> ExpandTexts(
    std::span<const std::shared_ptr<arrow::ArrayData>> chunks);

/// The most entries that indices of this type can number.
int64_t EntriesMax(const arrow::DictionaryType& type);

/// Visit the dictionaries in a type, outermost first, with their arrays (null: only the type).
void ForEachDictionary(
    const arrow::DataType& type, const arrow::ArrayData* data,
    const std::function<void(const arrow::DictionaryType&, const arrow::ArrayData*)>& visit);

}  // namespace coreshed::parts
