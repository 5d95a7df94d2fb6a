#include "parts/kept_dictionaries.h"

#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/array/concatenate.h>
#include <arrow/buffer.h>
#include <arrow/extension_type.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/dictionary.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;

/// Metadata are no place for more; then an unordered dictionary is what occurs, in its order.
constexpr int64_t kDictionaryBytesMax = int64_t{64} << 10;

int64_t BytesOf(const ArrayData& data) {
  int64_t bytes = 0;
  for (const auto& buffer : data.buffers)
    bytes += buffer == nullptr ? 0 : buffer->size();
  return bytes;
}

struct Unified {
  std::shared_ptr<arrow::Array> values;
  bool second_in_first = false;  ///< all of the second is in the first
  bool second_in_order = false;  ///< and the second's order is the unified one's
};

/// The values of two dictionaries, each without nulls, those of the first before the others.
Result<Unified> Unify(const std::shared_ptr<DataType>& type, const arrow::Array* first,
                      const arrow::Array& second) {
  const std::string what = "reading a dictionary";
  CORESHED_ARROW_ASSIGN(auto unifier, arrow::DictionaryUnifier::Make(type), what);
  if (first != nullptr) CORESHED_ARROW_TRY(unifier->Unify(*first), what);
  std::shared_ptr<arrow::Buffer> transpose;
  CORESHED_ARROW_TRY(unifier->Unify(second, &transpose), what);
  Unified unified;
  std::shared_ptr<DataType> index_type;
  CORESHED_ARROW_TRY(unifier->GetResult(&index_type, &unified.values), what);
  unified.second_in_first = first != nullptr && unified.values->length() == first->length();
  unified.second_in_order = true;
  const auto* numbers = reinterpret_cast<const int32_t*>(transpose->data());
  for (int64_t i = 1; i < second.length(); ++i) {
    if (numbers[i] <= numbers[i - 1]) unified.second_in_order = false;
  }
  return unified;
}

/// The entries of a dictionary that are not null.
Result<std::shared_ptr<arrow::Array>> WithoutNulls(const std::shared_ptr<ArrayData>& dictionary) {
  auto array = arrow::MakeArray(dictionary);
  if (array->null_count() == 0) return array;
  arrow::ArrayVector runs{array->Slice(0, 0)};
  for (int64_t i = 0; i < array->length(); ++i) {
    if (array->IsValid(i)) runs.push_back(array->Slice(i, 1));
  }
  CORESHED_ARROW_ASSIGN(auto values, arrow::Concatenate(runs), "reading a dictionary");
  return values;
}

Result<std::string> Encode(const std::vector<std::shared_ptr<arrow::Array>>& dictionaries) {
  const std::string what = "storing a dictionary";
  arrow::FieldVector fields;
  arrow::ArrayVector lists;
  for (const auto& values : dictionaries) {
    const auto type = arrow::list(values == nullptr ? arrow::null() : values->type());
    fields.push_back(arrow::field(std::to_string(fields.size()), type));
    if (values == nullptr) {
      CORESHED_ARROW_ASSIGN(auto none, arrow::MakeArrayOfNull(type, 1), what);
      lists.push_back(std::move(none));
      continue;
    }
    const std::vector<int32_t> offsets{0, static_cast<int32_t>(values->length())};
    lists.push_back(
        std::make_shared<arrow::ListArray>(type, 1, arrow::Buffer::FromVector(offsets), values));
  }
  CORESHED_ARROW_ASSIGN(auto stream, arrow::io::BufferOutputStream::Create(), what);
  const auto schema = arrow::schema(std::move(fields));
  CORESHED_ARROW_ASSIGN(auto writer, arrow::ipc::MakeStreamWriter(stream.get(), schema), what);
  CORESHED_ARROW_TRY(
      writer->WriteRecordBatch(*arrow::RecordBatch::Make(schema, 1, std::move(lists))), what);
  CORESHED_ARROW_TRY(writer->Close(), what);
  CORESHED_ARROW_ASSIGN(const auto bytes, stream->Finish(), what);
  return arrow::util::base64_encode(std::string_view(*bytes));
}

arrow::Result<std::vector<std::shared_ptr<arrow::Array>>> Decode(const std::string& text) {
  ARROW_ASSIGN_OR_RAISE(auto bytes, arrow::util::base64_decode(text));
  auto stream =
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(bytes)));
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(stream));
  std::shared_ptr<arrow::RecordBatch> batch;
  ARROW_RETURN_NOT_OK(reader->ReadNext(&batch));
  if (batch == nullptr || batch->num_rows() != 1) return arrow::Status::Invalid("not one row");
  ARROW_RETURN_NOT_OK(batch->ValidateFull());
  std::vector<std::shared_ptr<arrow::Array>> dictionaries;
  for (const auto& column : batch->columns()) {
    if (column->type_id() != Type::LIST) return arrow::Status::Invalid("not a list");
    const auto& list = static_cast<const arrow::ListArray&>(*column);
    dictionaries.push_back(list.IsNull(0) ? nullptr : list.value_slice(0));
    if (dictionaries.back() != nullptr && dictionaries.back()->null_count() > 0) {
      return arrow::Status::Invalid("a null");
    }
  }
  return dictionaries;
}

std::shared_ptr<arrow::Field> WithoutKey(const std::shared_ptr<arrow::Field>& field) {
  if (field->metadata() == nullptr || !field->metadata()->Contains(kDictionariesKey)) return field;
  auto metadata = field->metadata()->Copy();
  while (metadata->Delete(kDictionariesKey).ok()) {
  }
  return field->WithMetadata(metadata->size() == 0 ? nullptr : metadata);
}

Error Contradiction(const std::string& column) {
  return Error{ErrorKind::kUnsupported,
               "column '" + column +
                   "' has ordered dictionaries that contradict each other: give "
                   "all batches the same one, or convert the column to its plain values"}
      .With("column", column);
}

}  // namespace

DictionaryCollector::DictionaryCollector(const arrow::Schema& schema) {
  for (int i = 0; i < schema.num_fields(); ++i) {
    Column column{i, schema.field(i)->name(), {}};
    ForEachDictionary(*schema.field(i)->type(), nullptr,
                      [&](const arrow::DictionaryType& type, const ArrayData*) {
                        Node node;
                        node.type =
                            std::static_pointer_cast<arrow::DictionaryType>(type.GetSharedPtr());
                        column.nodes.push_back(std::move(node));
                      });
    if (!column.nodes.empty()) columns_.push_back(std::move(column));
  }
}

Result<void> DictionaryCollector::StartFrom(const arrow::Schema& stored) {
  for (auto& column : columns_) {
    const auto& metadata = stored.field(column.index)->metadata();
    const int at = metadata == nullptr ? -1 : metadata->FindKey(kDictionariesKey);
    if (at < 0) continue;
    CORESHED_ARROW_ASSIGN(const auto kept, Decode(metadata->value(at)),
                          "the dictionaries of column '" + column.name + "'");
    for (size_t i = 0; i < std::min(kept.size(), column.nodes.size()); ++i) {
      if (kept[i] == nullptr) {
        column.nodes[i].dropped = true;
      } else {
        CORESHED_TRY(Merge(column.nodes[i], kept[i]->data(), column.name));
      }
    }
  }
  return {};
}

/// All batches come back with one dictionary, so its entries must have numbers of the index type.
Result<void> DictionaryCollector::CheckNumbers(const Node& node, const std::string& column) {
  if (node.entries_max <= EntriesMax(*node.type)) return {};
  return Error{ErrorKind::kUnsupported,
               "column '" + column + "' has dictionaries with more entries together than " +
                   node.type->index_type()->ToString() +
                   " can number: give them a wider index type, or convert the column to its "
                   "plain values"}
      .With("column", column);
}

Result<void> DictionaryCollector::Merge(Node& node, const std::shared_ptr<ArrayData>& dictionary,
                                        const std::string& column) {
  if (node.seen == dictionary) return {};
  const bool is_known =
      node.seen != nullptr && arrow::MakeArray(node.seen)->Equals(*arrow::MakeArray(dictionary));
  node.seen = dictionary;
  if (is_known) return {};
  CORESHED_ASSIGN(const auto values, WithoutNulls(dictionary));
  node.entries_max += values->length();
  if (node.dropped) return CheckNumbers(node, column);
  const auto& type = node.type->value_type();
  CORESHED_ASSIGN(auto unified, Unify(type, node.values.get(), *values));
  if (node.type->ordered() && node.values != nullptr &&
      !(unified.second_in_first && unified.second_in_order)) {
    // New entries between the old ones: then the new dictionary has all of the old, in its order.
    CORESHED_ASSIGN(unified, Unify(type, values.get(), *node.values));
    if (!unified.second_in_first || !unified.second_in_order) return Contradiction(column);
  }
  node.values = unified.values;
  node.entries_max = node.values->length();
  CORESHED_TRY(CheckNumbers(node, column));
  if (BytesOf(*node.values->data()) <= kDictionaryBytesMax) return {};
  if (node.type->ordered()) {
    return Error{ErrorKind::kUnsupported,
                 "column '" + column +
                     "' has an ordered dictionary of more than 64 KiB: convert "
                     "it to its plain values"}
        .With("column", column);
  }
  node.dropped = true;
  node.values = nullptr;
  return {};
}

Result<void> DictionaryCollector::Add(const arrow::RecordBatch& batch) {
  for (auto& column : columns_) {
    const auto& data = *batch.column_data(column.index);
    size_t next = 0;
    Result<void> merged;
    ForEachDictionary(*data.type, &data, [&](const auto&, const ArrayData* encoded) {
      if (!merged || next >= column.nodes.size()) return;
      merged = Merge(column.nodes[next++], encoded->dictionary, column.name);
    });
    CORESHED_TRY(std::move(merged));
  }
  return {};
}

Result<std::shared_ptr<arrow::Schema>> DictionaryCollector::Annotate(
    const std::shared_ptr<arrow::Schema>& schema) const {
  auto fields = schema->fields();
  for (const auto& column : columns_) {
    std::vector<std::shared_ptr<arrow::Array>> kept;
    for (const auto& node : column.nodes)
      kept.push_back(node.values);
    CORESHED_ASSIGN(auto text, Encode(kept));
    auto& field = fields[static_cast<size_t>(column.index)];
    // Not merged: Arrow would drop keys that come twice.
    auto metadata = field->HasMetadata() ? field->metadata()->Copy()
                                         : std::make_shared<arrow::KeyValueMetadata>();
    metadata->Append(kDictionariesKey, std::move(text));
    field = field->WithMetadata(std::move(metadata));
  }
  return arrow::schema(std::move(fields), schema->metadata());
}

Result<ReadSchema> ParseStoredSchema(const std::shared_ptr<arrow::Schema>& stored) {
  ReadSchema read;
  read.schema = WithoutDictionaries(stored);
  for (const auto& field : stored->fields()) {
    auto& dictionaries = read.dictionaries.emplace_back();
    const int at = field->metadata() == nullptr ? -1 : field->metadata()->FindKey(kDictionariesKey);
    if (at < 0) continue;
    auto decoded = Decode(field->metadata()->value(at));
    if (!decoded.ok()) {
      return Error{ErrorKind::kCorruption, "The stored dictionaries of column '" + field->name() +
                                               "' are damaged: " + decoded.status().message()};
    }
    dictionaries = std::move(decoded).ValueUnsafe();
  }
  return read;
}

std::shared_ptr<arrow::Schema> WithoutDictionaries(const std::shared_ptr<arrow::Schema>& schema) {
  arrow::FieldVector fields;
  bool changed = false;
  for (const auto& field : schema->fields()) {
    fields.push_back(WithoutKey(field));
    changed = changed || fields.back() != field;
  }
  return changed ? arrow::schema(std::move(fields), schema->metadata()) : schema;
}

}  // namespace coreshed::parts
