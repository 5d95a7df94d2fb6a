#include "sources/where.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/compute/api_vector.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/duckdb.h"
#include "sources/where_check.h"

namespace coreshed::sources {
namespace {

constexpr const char* kWhat = "where";
constexpr size_t kNamesShown = 50;  // in a message

/// DuckDB's names don't regard the case of ASCII letters.
std::string Folded(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The columns that one of `names` may mean.
Result<std::vector<int>> ColumnsNamed(const arrow::Schema& schema,
                                      const std::set<std::string>& names) {
  std::set<std::string> folded;
  for (const auto& name : names)
    folded.insert(Folded(name));
  std::vector<int> columns;
  std::set<std::string> taken;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const std::string& name = schema.field(i)->name();
    if (!folded.contains(Folded(name))) continue;
    if (!taken.insert(Folded(name)).second) {
      return Error{ErrorKind::kUnsupported,
                   "where: the table has columns whose names differ from '" + name +
                       "' only in case; SQL can't tell them apart."};
    }
    columns.push_back(i);
  }
  return columns;
}

Error NoColumn(const arrow::Schema& schema, const std::string& name) {
  return Error{ErrorKind::kNotFound, "where: there is no column '" + name + "'; there are: " +
                                         Joined(schema.field_names(), kNamesShown) + "."}
      .With("column", name);
}

/// Says for batches of one schema for which rows an expression is true.
class Condition {
 public:
  static Result<std::unique_ptr<Condition>> Make(std::shared_ptr<arrow::Schema> schema,
                                                 const std::string& expression) {
    std::unique_ptr<Condition> condition(new Condition(std::move(schema)));
    CORESHED_TRY(condition->Prepare(expression));
    return condition;
  }
  ~Condition() {
    DropChunks();
    statement_.reset();
    for (auto& type : types_)
      api().destroy_logical_type(&type);
    if (converted_ != nullptr) api().destroy_arrow_converted_schema(&converted_);
  }
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  Result<std::shared_ptr<arrow::BooleanArray>> Mask(const arrow::RecordBatch& batch) {
    CORESHED_TRY(Load(batch));
    CORESHED_ASSIGN(auto rows, Tidied(statement_->Execute()));
    arrow::BooleanBuilder mask;
    while (true) {
      CORESHED_ASSIGN(const auto chunk, Tidied(rows.Next()));
      if (!chunk) break;
      const duckdb::Values<bool> values(api(), chunk.column(0));
      for (uint64_t row = 0; row < chunk.rows(); ++row) {
        CORESHED_ARROW_TRY(mask.Append(!values.is_null(row) && values[row]), kWhat);
      }
    }
    std::shared_ptr<arrow::BooleanArray> array;
    CORESHED_ARROW_TRY(mask.Finish(&array), kWhat);
    if (array->length() != batch.num_rows()) {
      return Error{ErrorKind::kInvalidArgument,
                   "where: the expression changes the number of rows."};
    }
    return array;
  }

 private:
  explicit Condition(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}
  const duckdb::Api& api() const { return session_->api(); }

  Result<void> Prepare(const std::string& expression) {
    CORESHED_ASSIGN(session_, duckdb::Session::Open({}));
    CORESHED_ASSIGN(const auto names, CheckExpression(*session_, expression));
    CORESHED_ASSIGN(columns_, ColumnsNamed(*schema_, names));
    CORESHED_TRY(Convert());
    CORESHED_TRY(Register());
    // As a condition no aggregate or window passes; as a value it shows its type.
    auto condition = session_->Prepare("SELECT 1 FROM batch() WHERE (\n" + expression + "\n)");
    if (!condition) return Unprepared(condition.error(), names);
    auto value = session_->Prepare("SELECT (\n" + expression + "\n) FROM batch()");
    if (!value) return Unprepared(value.error(), names);
    if (api().prepared_statement_column_type(value->get(), 0) != duckdb::kTypeBoolean) {
      return Error{ErrorKind::kInvalidArgument,
                   "where: the expression is not true or false: " + expression};
    }
    statement_.emplace(std::move(*value));
    return {};
  }

  /// The schema of the columns used, in DuckDB's terms.
  Result<void> Convert() {
    arrow::FieldVector fields;
    for (const int column : columns_)
      fields.push_back(schema_->field(column));
    // A table function must have a column.
    if (fields.empty()) fields.push_back(arrow::field(" none", arrow::boolean()));
    used_ = arrow::schema(std::move(fields));
    ArrowSchema exported;
    CORESHED_ARROW_TRY(arrow::ExportSchema(*used_, &exported), kWhat);
    auto error = api().schema_from_arrow(session_->connection(), &exported, &converted_);
    if (exported.release != nullptr) exported.release(&exported);
    CORESHED_TRY(Check(&error));
    CORESHED_ARROW_ASSIGN(const auto empty, arrow::RecordBatch::MakeEmpty(used_), kWhat);
    CORESHED_ASSIGN(duckdb::DataChunk chunk, ToChunk(*empty));
    for (int i = 0; i < used_->num_fields(); ++i) {
      types_.push_back(api().vector_get_column_type(
          api().data_chunk_get_vector(chunk, static_cast<uint64_t>(i))));
    }
    api().destroy_data_chunk(&chunk);
    return {};
  }

  Result<duckdb::DataChunk> ToChunk(const arrow::RecordBatch& batch) {
    ArrowArray exported;
    CORESHED_ARROW_TRY(arrow::ExportRecordBatch(batch, &exported), kWhat);
    duckdb::DataChunk chunk = nullptr;
    auto error = api().data_chunk_from_arrow(session_->connection(), &exported, converted_, &chunk);
    if (exported.release != nullptr) exported.release(&exported);
    CORESHED_TRY(Check(&error));
    return chunk;
  }

  Result<void> Check(duckdb::ErrorData* error) {
    if (*error == nullptr || !api().error_data_has_error(*error)) {
      if (*error != nullptr) api().destroy_error_data(error);
      return {};
    }
    Error result =
        duckdb::FromDuckDb(api().error_data_message(*error), kWhat, ErrorKind::kUnsupported);
    api().destroy_error_data(error);
    return result;
  }

  /// Register the table function batch(), which gives the chunks at hand.
  Result<void> Register() {
    auto function = api().create_table_function();
    api().table_function_set_name(function, "batch");
    api().table_function_set_extra_info(function, this, nullptr);
    api().table_function_set_bind(function, &Condition::Bind);
    api().table_function_set_init(function, &Condition::Init);
    api().table_function_set_function(function, &Condition::Give);
    const auto state = api().register_table_function(session_->connection(), function);
    api().destroy_table_function(&function);
    if (state == duckdb::kSuccess) return {};
    return Error{ErrorKind::kUnsupported, "where: DuckDB takes no table function."};
  }

  static void Bind(duckdb::BindInfo info);
  static void Init(duckdb::InitInfo info);
  static void Give(duckdb::FunctionInfo info, duckdb::DataChunk output);

  Error Unprepared(const Error& error, const std::set<std::string>& names) const {
    if (error.message.find("Referenced column") != std::string::npos) {
      std::set<std::string> known;
      for (const auto& name : schema_->field_names())
        known.insert(Folded(name));
      for (const auto& name : names) {
        const bool blamed = error.message.find("\"" + name + "\"") != std::string::npos;
        if (blamed && !known.contains(Folded(name))) return NoColumn(*schema_, name);
      }
    }
    return duckdb::FromDuckDb(error.message.c_str(), kWhat, ErrorKind::kInvalidArgument);
  }

  template <typename T>
  static Result<T> Tidied(Result<T> result) {
    if (result) return result;
    Error& error = result.error();
    if (error.kind == ErrorKind::kValidation) error.kind = ErrorKind::kInvalidArgument;
    if (error.message.starts_with("DuckDB: ")) error.message.replace(0, 6, kWhat);
    return result;
  }

  void DropChunks() {
    for (auto& chunk : chunks_)
      api().destroy_data_chunk(&chunk);
    chunks_.clear();
    next_ = 0;
  }

  /// Cut the batch into pieces of DuckDB's size.
  Result<void> Load(const arrow::RecordBatch& batch) {
    DropChunks();
    arrow::ArrayVector arrays;
    for (const int column : columns_)
      arrays.push_back(batch.column(column));
    if (columns_.empty()) {
      CORESHED_ARROW_ASSIGN(auto nulls, arrow::MakeArrayOfNull(arrow::boolean(), batch.num_rows()),
                            kWhat);
      arrays.push_back(std::move(nulls));
    }
    const auto used = arrow::RecordBatch::Make(used_, batch.num_rows(), std::move(arrays));
    const auto size = static_cast<int64_t>(api().vector_size());
    for (int64_t row = 0; row < batch.num_rows(); row += size) {
      CORESHED_ASSIGN(auto chunk, ToChunk(*used->Slice(row, size)));
      chunks_.push_back(chunk);
    }
    return {};
  }

  std::shared_ptr<arrow::Schema> schema_;  // what the batches have
  std::shared_ptr<arrow::Schema> used_;    // what DuckDB gets of it
  std::vector<int> columns_;
  std::shared_ptr<duckdb::Session> session_;
  duckdb::ConvertedSchema converted_ = nullptr;
  std::vector<duckdb::LogicalType> types_;
  std::optional<duckdb::Statement> statement_;
  std::vector<duckdb::DataChunk> chunks_;  // of the present batch
  size_t next_ = 0;
};

// DuckDB's callbacks get no pointer to its functions but this: they are loaded long before.
const duckdb::Api& Loaded() {
  return **duckdb::Load();
}

void Condition::Bind(duckdb::BindInfo info) {
  const auto& self = *static_cast<const Condition*>(Loaded().bind_get_extra_info(info));
  for (int i = 0; i < self.used_->num_fields(); ++i) {
    Loaded().bind_add_result_column(info, self.used_->field(i)->name().c_str(),
                                    self.types_[static_cast<size_t>(i)]);
  }
}

void Condition::Init(duckdb::InitInfo info) {
  Loaded().init_set_max_threads(info, 1);
}

void Condition::Give(duckdb::FunctionInfo info, duckdb::DataChunk output) {
  const auto& api = Loaded();
  auto& self = *static_cast<Condition*>(api.function_get_extra_info(info));
  if (self.next_ == self.chunks_.size()) {
    api.data_chunk_set_size(output, 0);
    return;
  }
  const auto chunk = self.chunks_[self.next_++];
  for (uint64_t i = 0; i < self.types_.size(); ++i) {
    api.vector_reference_vector(api.data_chunk_get_vector(output, i),
                                api.data_chunk_get_vector(chunk, i));
  }
  api.data_chunk_set_size(output, api.data_chunk_get_size(chunk));
}

class FilteredReader : public arrow::RecordBatchReader {
 public:
  FilteredReader(std::shared_ptr<arrow::RecordBatchReader> reader,
                 std::unique_ptr<Condition> condition)
      : reader_(std::move(reader)), condition_(std::move(condition)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    while (true) {
      ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
      if (*batch == nullptr) return arrow::Status::OK();
      auto mask = condition_->Mask(**batch);
      if (!mask) return ToArrow(mask.error());
      const int64_t kept = (*mask)->true_count();
      if (kept == 0) continue;
      if (kept == (*batch)->num_rows()) return arrow::Status::OK();
      ARROW_ASSIGN_OR_RAISE(const auto filtered, arrow::compute::Filter(*batch, *mask));
      *batch = filtered.record_batch();
      return arrow::Status::OK();
    }
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::unique_ptr<Condition> condition_;
};

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> FilterWhere(
    std::shared_ptr<arrow::RecordBatchReader> reader, const std::string& expression) {
  CORESHED_ASSIGN(auto condition, Condition::Make(reader->schema(), expression));
  return std::shared_ptr<arrow::RecordBatchReader>(
      std::make_shared<FilteredReader>(std::move(reader), std::move(condition)));
}

Result<RowTest> TestWhere(std::shared_ptr<arrow::Schema> schema, const std::string& expression) {
  CORESHED_ASSIGN(auto made, Condition::Make(std::move(schema), expression));
  return RowTest([condition = std::shared_ptr<Condition>(std::move(made))](
                     const arrow::RecordBatch& batch) { return condition->Mask(batch); });
}

Result<std::vector<std::string>> WhereColumns(const arrow::Schema& schema,
                                              const std::string& expression) {
  CORESHED_ASSIGN(auto session, duckdb::Session::Open({}));
  CORESHED_ASSIGN(const auto names, CheckExpression(*session, expression));
  CORESHED_ASSIGN(const auto columns, ColumnsNamed(schema, names));
  std::vector<std::string> result;
  result.reserve(columns.size());
  for (const int column : columns)
    result.push_back(schema.field(column)->name());
  return result;
}

}  // namespace coreshed::sources
