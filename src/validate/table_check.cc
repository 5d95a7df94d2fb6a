#include "validate/table_check.h"

#include <arrow/api.h>
#include <coreshed/content.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "table/logical_type.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

constexpr uint64_t kKnownBit = uint64_t{1} << 39;
constexpr size_t kValueBytesMax = 1'000;

/// The record that a number in a table of hashes stands for, in a sentence.
std::string RecordText(uint64_t number) {
  if ((number & kKnownBit) == 0) return "record " + std::to_string(number) + " has the same";
  return "row " + std::to_string(number & ~kKnownBit) + " of those that are there already has it";
}

bool IsKeptAsText(const arrow::Array& column) {
  return IsText(*column.type()) ||
         (column.type_id() == arrow::Type::DICTIONARY &&
          IsText(*static_cast<const arrow::DictionaryType&>(*column.type()).value_type()));
}

}  // namespace

/// The check of one batch.
class TableCheck::Batch {
 public:
  Batch(TableCheck* table, const arrow::RecordBatch& batch, int64_t faults_max)
      : table_(table), batch_(batch), faults_max_(static_cast<size_t>(faults_max)) {}

  Result<Checked> Run() {
    for (size_t i = 0; i < table_->columns_.size(); ++i)
      CORESHED_TRY(CheckColumn(static_cast<int>(i)));
    CORESHED_TRY(CheckKey());
    std::stable_sort(faults_.begin(), faults_.end(), [](const CellFault& a, const CellFault& b) {
      return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
    table_->records_ += batch_.num_rows();
    auto rows = arrow::RecordBatch::Make(table_->schema_, batch_.num_rows(), std::move(arrays_));
    return Checked{std::move(rows), std::move(faults_)};
  }

 private:
  void Add(int64_t row, int column, const char* rule, const std::string& what) {
    // One more than is kept shows that there are too many.
    if (faults_.size() <= faults_max_) faults_.push_back({row, column, rule, what});
  }

  Result<void> CheckColumn(int number) {
    auto& column = table_->columns_[static_cast<size_t>(number)];
    std::vector<int64_t> bad;
    CORESHED_ASSIGN(auto array, table_->ConvertColumn(column, batch_, &bad));
    if (!bad.empty()) {
      const bool is_text = IsKeptAsText(*batch_.column(column.from));
      const auto what = (is_text ? "is no " : "can't be made exactly a ") + column.rule->type + ".";
      for (const auto row : bad)
        Add(row, number, "type", what);
    }
    if (!column.rule->nullable) CheckRequired(number, *array, bad);
    CORESHED_TRY(
        column.values.Check(array, [&](int64_t row, const char* rule, const std::string& what) {
          Add(row, number, rule, what);
        }));
    if (column.rule->unique) {
      CORESHED_ASSIGN(const auto hashes, table_->hasher_->Hash(array));
      CheckTaken(hashes, number, "unique", &column.taken);
    }
    arrays_.push_back(std::move(array));
    return {};
  }

  void CheckRequired(int number, const arrow::Array& array, const std::vector<int64_t>& bad) {
    if (array.ComputeLogicalNullCount() == static_cast<int64_t>(bad.size())) return;
    const auto plain = Plainly(arrow::MakeArray(array.data()));
    size_t next_bad = 0;
    for (int64_t row = 0; plain && row < array.length(); ++row) {
      if (next_bad < bad.size() && bad[next_bad] == row) {
        ++next_bad;
      } else if ((*plain)->IsNull(row)) {
        Add(row, number, "required", "has no value, but must have one.");
      }
    }
  }

  void CheckTaken(const std::vector<ValueHash>& hashes, int number, const char* rule,
                  HashTable* taken) {
    for (size_t row = 0; row < hashes.size(); ++row) {
      if (hashes[row].is_none()) continue;
      const auto record = static_cast<uint64_t>(table_->records_) + row + 1;
      const auto first = taken->FindOrAdd(hashes[row], record);
      if (first == HashTable::kNone) continue;
      Add(static_cast<int64_t>(row), number, rule, "comes twice: " + RecordText(first) + ".");
    }
  }

  Result<void> CheckKey() {
    const auto& key = table_->key_;
    if (key.empty()) return {};
    CORESHED_ASSIGN(auto hashes, table_->hasher_->Hash(arrays_[static_cast<size_t>(key[0])]));
    for (size_t i = 1; i < key.size(); ++i)
      CORESHED_TRY(table_->hasher_->Combine(arrays_[static_cast<size_t>(key[i])], &hashes));
    CheckTaken(hashes, key.back(), "key", &table_->keys_taken_);
    return {};
  }

  TableCheck* const table_;
  const arrow::RecordBatch& batch_;
  const size_t faults_max_;
  arrow::ArrayVector arrays_;
  std::vector<CellFault> faults_;
};

Result<void> TableCheck::AddColumn(const ColumnRule& rule, const arrow::Schema& from,
                                   const ValueHasher& hasher, arrow::FieldVector* fields,
                                   std::vector<std::string>* faults) {
  Column column;
  column.rule = &rule;
  CORESHED_ASSIGN(column.values, ValueRules::Make(rule, hasher));
  column.from = from.GetFieldIndex(rule.name);
  std::shared_ptr<arrow::Field> field;
  if (column.from >= 0) {
    CORESHED_ASSIGN(column.converter, Converter::Make(*from.field(column.from), rule.type));
    if (column.converter) {
      field = column.converter->field();
    } else {
      CORESHED_ASSIGN(const auto own, table::LogicalType(*from.field(column.from)));
      faults->push_back("column '" + rule.name + "' has type " + own + ", which can't become " +
                        rule.type);
    }
  } else if (!rule.nullable) {
    faults->push_back("column '" + rule.name + "' is missing and must have values");
  } else if (const auto type = TypeNamed(rule.type)) {
    field = arrow::field(rule.name, *type);
  } else {
    faults->push_back("column '" + rule.name + "' is missing, and no nulls of type " + rule.type +
                      " can be made");
  }
  if (field == nullptr) field = arrow::field(rule.name, arrow::null());  // refused anyway
  if (rule.key) key_.push_back(static_cast<int>(columns_.size()));
  columns_.push_back(std::move(column));
  fields->push_back(field->WithNullable(rule.nullable));
  return {};
}

Result<TableCheck> TableCheck::Make(const TableRule& rule, const arrow::Schema& from,
                                    const ValueHasher& hasher, std::vector<std::string>* faults) {
  TableCheck check;
  check.hasher_ = &hasher;
  arrow::FieldVector fields;
  for (const auto& column : rule.columns)
    CORESHED_TRY(check.AddColumn(column, from, hasher, &fields, faults));
  check.schema_ = arrow::schema(std::move(fields), from.metadata());
  for (const auto& field : from.fields()) {
    if (check.schema_->GetFieldIndex(field->name()) < 0) {
      faults->push_back("column '" + field->name() + "' is not in the schema");
    }
  }
  return check;
}

Result<void> TableCheck::AddKnown(const arrow::RecordBatch& rows) {
  const auto take = [&](const std::vector<ValueHash>& hashes, HashTable* taken) {
    for (size_t row = 0; row < hashes.size(); ++row) {
      if (hashes[row].is_none()) continue;
      taken->FindOrAdd(hashes[row], kKnownBit | (static_cast<uint64_t>(known_) + row + 1));
    }
  };
  std::vector<ValueHash> keys;
  bool has_key = !key_.empty();
  for (auto& column : columns_) {
    if (!column.rule->unique && !column.rule->key) continue;
    CORESHED_ASSIGN(const auto array, KnownColumn(rows, *column.rule));
    if (column.rule->key) has_key = has_key && array != nullptr;
    if (array == nullptr) continue;
    if (column.rule->unique) {
      CORESHED_ASSIGN(const auto hashes, hasher_->Hash(array));
      take(hashes, &column.taken);
    }
    if (!column.rule->key) continue;
    if (keys.empty()) {
      CORESHED_ASSIGN(keys, hasher_->Hash(array));
    } else {
      CORESHED_TRY(hasher_->Combine(array, &keys));
    }
  }
  if (has_key) take(keys, &keys_taken_);
  known_ += rows.num_rows();
  return {};
}

Result<ArrayPtr> TableCheck::ConvertColumn(const Column& column, const arrow::RecordBatch& batch,
                                           std::vector<int64_t>* bad) const {
  if (column.from >= 0) return column.converter->Convert(batch.column(column.from), bad);
  const auto number = &column - columns_.data();
  const auto& type = schema_->field(static_cast<int>(number))->type();
  CORESHED_ARROW_ASSIGN(auto nulls, arrow::MakeArrayOfNull(type, batch.num_rows()),
                        "filling a column");
  return nulls;
}

Result<TableCheck::Checked> TableCheck::Check(const arrow::RecordBatch& batch, int64_t faults_max) {
  return Batch(this, batch, faults_max).Run();
}

Result<std::shared_ptr<arrow::RecordBatch>> TableCheck::Convert(
    const arrow::RecordBatch& batch) const {
  arrow::ArrayVector arrays;
  std::vector<int64_t> bad;
  for (const auto& column : columns_) {
    CORESHED_ASSIGN(auto array, ConvertColumn(column, batch, &bad));
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(arrays));
}

std::optional<std::string> TableCheck::Written(const arrow::RecordBatch& batch,
                                               const CellFault& fault) const {
  const auto cell = [&](int column) -> std::optional<std::string> {
    const int from = columns_[static_cast<size_t>(column)].from;
    if (from < 0) return std::nullopt;
    return WrittenValue(batch.column(from), fault.row, kValueBytesMax);
  };
  if (fault.rule != "key") return cell(fault.column);
  std::string key;
  for (const int column : key_)
    key += (column == key_.front() ? "" : ", ") + cell(column).value_or("");
  return CutText(std::move(key), kValueBytesMax);
}

std::string TableCheck::ColumnsOf(const CellFault& fault) const {
  if (fault.rule != "key") return columns_[static_cast<size_t>(fault.column)].rule->name;
  std::string names;
  for (const int column : key_)
    names += (names.empty() ? "" : ", ") + columns_[static_cast<size_t>(column)].rule->name;
  return names;
}

Result<ArrayPtr> KnownColumn(const arrow::RecordBatch& rows, const ColumnRule& rule) {
  const int from = rows.schema()->GetFieldIndex(rule.name);
  if (from < 0) return ArrayPtr();
  CORESHED_ASSIGN(const auto converter, Converter::Make(*rows.schema()->field(from), rule.type));
  if (!converter) return ArrayPtr();
  std::vector<int64_t> bad;
  return converter->Convert(rows.column(from), &bad);
}

}  // namespace coreshed::validate
