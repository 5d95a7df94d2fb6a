#include "sources/json_lines.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/json_rows.h"
#include "sources/record_lines.h"
#include "sources/text_lines.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;

bool IsBlank(std::string_view line) {
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return line.find_first_not_of(" \t\r") == line.npos;
}

/// A fault of a line, with the file and the line.
Error InLine(Error error, const InputFile& input, int64_t line) {
  error.message = input.label() + ", line " + std::to_string(line) + ": " + error.message;
  return std::move(error).With("file", input.label()).With("line", std::to_string(line));
}

class JsonReader : public arrow::RecordBatchReader {
 public:
  JsonReader(std::shared_ptr<InputFile> input, std::unique_ptr<JsonNode> row, std::stop_token stop)
      : input_(std::move(input)),
        row_(std::move(row)),
        schema_(arrow::schema(row_->type()->fields())),
        stop_(stop),
        lines_(input_, std::move(stop)),
        rows_(*row_) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (ended_) return arrow::Status::OK();
    auto next = Next();
    if (!next) return ToArrow(next.error());
    *batch = *std::move(next);
    return arrow::Status::OK();
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Next() {
    // A batch may take long, where short lines leave out thousands of columns.
    if (stop_.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was cancelled."};
    }
    while (rows_.rows() < kBatchRows && rows_.bytes() < kBatchBytes) {
      CORESHED_ASSIGN(const auto line, lines_.Next());
      if (!line) {
        ended_ = true;
        CORESHED_TRY(input_->CheckUnchanged());
        break;
      }
      if (IsBlank(*line)) continue;
      if (auto read = ReadJsonLine(*line, rows_); !read) {
        return InLine(std::move(read).error(), *input_, lines_.number());
      }
    }
    if (rows_.rows() == 0) return std::shared_ptr<arrow::RecordBatch>();
    return rows_.Finish();
  }

  const std::shared_ptr<InputFile> input_;
  const std::unique_ptr<JsonNode> row_;
  const std::shared_ptr<arrow::Schema> schema_;
  const std::stop_token stop_;
  TextLines lines_;
  JsonRows rows_;
  bool ended_ = false;
};

/// Of columns that come as cells, types only tell how the nested ones are read.
JsonTypes TypesOfCells(const JsonTypes& types) {
  arrow::FieldVector fields;
  for (const auto& [name, type] : types.given)
    fields.push_back(arrow::field(name, type));
  return {arrow::schema(std::move(fields)), {}, true};
}

/// Read all lines once; returns the row with its types.
Result<std::unique_ptr<JsonNode>> FindTypes(const std::shared_ptr<InputFile>& input,
                                            const JsonTypes& types, const OpenOptions& options,
                                            RecordLines* records,
                                            std::vector<std::string>* warnings) {
  JsonTyper typer(types, options.limits.columns);
  TextLines lines(input, options.stop);
  bool is_empty = true;
  while (true) {
    CORESHED_ASSIGN(const auto line, lines.Next());
    if (!line) break;
    if (IsBlank(*line)) continue;
    is_empty = false;
    typer.set_line(lines.number());
    if (records != nullptr) records->Add(lines.number());
    if (auto read = ReadJsonLine(*line, typer); !read) {
      return InLine(std::move(read).error(), *input, lines.number());
    }
  }
  if (is_empty) {
    return Error{ErrorKind::kValidation, input->label() + " is empty."}.With("file",
                                                                             input->label());
  }
  auto row = typer.Finish(warnings);
  if (row) return row;
  row.error().message = input->label() + ": " + row.error().message;
  return std::move(row).error().With("file", input->label());
}

}  // namespace

Result<OpenedJson> OpenJsonLines(std::shared_ptr<InputFile> input, const JsonTypes& types,
                                 const OpenOptions& options) {
  OpenedJson opened;
  opened.origin.file = input->name();
  std::shared_ptr<RecordLines> records;
  if (options.as_cells) {
    records = std::make_shared<RecordLines>();
    opened.origin.line_of = [records](int64_t record) { return records->LineOf(record); };
  }
  CORESHED_ASSIGN(auto row, FindTypes(input, options.as_cells ? TypesOfCells(types) : types,
                                      options, records.get(), &opened.warnings));
  for (auto& warning : opened.warnings)
    warning = input->label() + ": " + warning;
  opened.rows = std::make_shared<JsonReader>(std::move(input), std::move(row), options.stop);
  return opened;
}

}  // namespace coreshed::sources
