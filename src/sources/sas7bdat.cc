#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/readstat_api.h"
#include "sources/sas.h"
#include "sources/sas7bdat_header.h"
#include "sources/sas_columns.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;

Error Fault(const InputFile& input, const std::string& what) {
  return Error{ErrorKind::kValidation, input.label() + " " + what}.With("file", input.label());
}

/// ReadStat has nullptr for some texts that are empty.
std::string_view TextOf(const char* chars) {
  return TrimSasText(chars == nullptr ? "" : chars);
}

/// Where rows are kept until they are read.
class SinkStream : public arrow::io::OutputStream {
 public:
  SinkStream(const InputFile& input, const InputFile::Sink& sink, int64_t bytes_max)
      : input_(input), sink_(sink), bytes_max_(bytes_max) {}

  arrow::Status Write(const void* data, int64_t size) override {
    written_ += size;
    if (written_ > bytes_max_) {
      return ToArrow(Fault(input_, "holds more than " + std::to_string(bytes_max_) +
                                       " bytes of rows. Is it damaged? Else raise the limit."));
    }
    auto done = sink_({static_cast<const char*>(data), static_cast<size_t>(size)});
    return done ? arrow::Status::OK() : ToArrow(done.error());
  }
  arrow::Result<int64_t> Tell() const override { return written_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  const InputFile& input_;
  const InputFile::Sink& sink_;
  const int64_t bytes_max_;
  int64_t written_ = 0;
  bool closed_ = false;
};

/// One reading of a file by ReadStat, which calls the functions of this for all that it finds.
class Reading {
 public:
  Reading(const ReadStatApi& api, const InputFile& input, const OpenFileOptions& options,
          const Sas7bdatHeader& header, GivenEncoding given)
      : api_(api), input_(input), options_(options), header_(header), given_(given) {}

  /// Writes the rows, raw, as an Arrow stream.
  Result<void> Run(const InputFile::Sink& sink);
  const std::shared_ptr<SasColumns>& columns() const { return columns_; }
  const std::shared_ptr<SasTexts>& texts() const { return texts_; }

 private:
  // Where a file is read: as POSIX has it. 0 bytes for an error: ReadStat takes -1 for very many.
  off_t Seek(off_t offset, readstat_io_flags_t whence);
  ssize_t Read(void* to, size_t size);

  int TakeMetadata(readstat_metadata_t* metadata);
  int TakeVariable(const readstat_variable_t* variable);
  int TakeValue(const readstat_variable_t* variable, readstat_value_t value);

  void SetHandlers(readstat_parser_t* parser);
  arrow::Status Append(size_t index, readstat_value_t value);
  Result<void> Begin();
  Result<void> Flush();
  Result<void> CheckStop() const;
  int Stop(Error error);
  Error Unreadable(readstat_error_t code) const;

  const ReadStatApi& api_;
  const InputFile& input_;
  const OpenFileOptions& options_;
  const Sas7bdatHeader& header_;
  const GivenEncoding given_;
  std::shared_ptr<SinkStream> sink_;
  int64_t at_ = 0;
  std::optional<Error> error_;  ///< why ReadStat was told to stop
  std::string said_;            ///< its own last message
  SasDataset dataset_;
  std::string encoding_;
  size_t count_ = 0;  ///< of variables
  std::shared_ptr<SasTexts> texts_;
  std::shared_ptr<SasColumns> columns_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  size_t next_ = 0;               ///< the variable whose value comes next
  int64_t rows_ = 0, bytes_ = 0;  ///< in the builders
};

int Reading::Stop(Error error) {
  if (!error_) error_ = std::move(error);
  return READSTAT_HANDLER_ABORT;
}

Result<void> Reading::CheckStop() const {
  if (!options_.stop.stop_requested()) return {};
  return Error{ErrorKind::kCancelled, "Reading " + input_.label() + " was cancelled."};
}

off_t Reading::Seek(off_t offset, readstat_io_flags_t whence) {
  int64_t base = 0;
  if (whence == READSTAT_SEEK_CUR) base = at_;
  if (whence == READSTAT_SEEK_END) base = input_.size();
  int64_t at = 0;
  if (__builtin_add_overflow(base, int64_t{offset}, &at) || at < 0) return -1;
  at_ = at;
  return at_;
}

ssize_t Reading::Read(void* to, size_t size) {
  if (auto going = CheckStop(); !going) {
    Stop(going.error());
    return 0;
  }
  auto read = input_.file()->ReadAt(at_, static_cast<int64_t>(size), to);
  if (!read.ok()) {
    Stop(FromArrow(read.status(), "reading " + input_.label()));
    return 0;
  }
  if (*read == static_cast<int64_t>(size) &&
      header_.HasDeletedRows(at_, {static_cast<const char*>(to), size})) {
    Stop(Fault(input_,
               "has deleted rows, which can't be told from the others here. Write it anew in "
               "SAS (data new; set old; run;), which leaves them out."));
    return 0;
  }
  at_ += *read;
  return *read;
}

int Reading::TakeMetadata(readstat_metadata_t* metadata) {
  const int64_t count = api_.get_var_count(metadata);
  if (count < 0 || count > options_.limits.columns) {
    return Stop(Fault(input_, "has " + std::to_string(count) + " columns, and at most " +
                                  std::to_string(options_.limits.columns) + " may be."));
  }
  count_ = static_cast<size_t>(count);
  dataset_.name = TextOf(api_.get_table_name(metadata));
  dataset_.label = TextOf(api_.get_file_label(metadata));
  if (header_.says_encoding()) encoding_ = TextOf(api_.get_file_encoding(metadata));
  return READSTAT_HANDLER_OK;
}

int Reading::TakeVariable(const readstat_variable_t* variable) {
  SasVariable one;
  one.name = TextOf(api_.variable_get_name(variable));
  one.label = TextOf(api_.variable_get_label(variable));
  one.format = TextOf(api_.variable_get_format(variable));
  if (!one.format.empty() && one.format.find('.') == one.format.npos) one.format += '.';
  one.is_text = api_.variable_get_type_class(variable) == READSTAT_TYPE_CLASS_STRING;
  one.width = static_cast<int64_t>(api_.variable_get_storage_width(variable));
  dataset_.variables.push_back(std::move(one));
  if (dataset_.variables.size() < count_) return READSTAT_HANDLER_OK;
  auto begun = Begin();
  return begun ? READSTAT_HANDLER_OK : Stop(begun.error());
}

/// All variables are known.
Result<void> Reading::Begin() {
  texts_ = std::make_shared<SasTexts>(input_.label(), encoding_, given_);
  columns_ = std::make_shared<SasColumns>(input_.label(), dataset_, texts_);
  const auto schema = dataset_.RawSchema();
  for (const auto& field : schema->fields()) {
    CORESHED_ARROW_ASSIGN(auto builder, arrow::MakeBuilder(field->type()), input_.label());
    builders_.push_back(std::move(builder));
  }
  CORESHED_ARROW_ASSIGN(writer_, arrow::ipc::MakeStreamWriter(sink_, schema), input_.label());
  return {};
}

arrow::Status Reading::Append(size_t index, readstat_value_t value) {
  if (dataset_.variables[index].is_text) {
    const auto text = TextOf(api_.string_value(value));
    auto& builder = static_cast<arrow::BinaryBuilder&>(*builders_[index]);
    bytes_ += 4 + static_cast<int64_t>(text.size());
    return text.empty() ? builder.AppendNull() : builder.Append(text);
  }
  auto& builder = static_cast<arrow::DoubleBuilder&>(*builders_[index]);
  bytes_ += 8;
  if (api_.value_is_tagged_missing(value) != 0) {
    columns_->missing()[index].Add(api_.value_tag(value));
    return builder.AppendNull();
  }
  if (api_.value_is_system_missing(value) != 0) return builder.AppendNull();
  return builder.Append(api_.double_value(value));
}

int Reading::TakeValue(const readstat_variable_t* variable, readstat_value_t value) {
  const int index = api_.variable_get_index(variable);
  if (writer_ == nullptr || index < 0 || static_cast<size_t>(index) != next_) {
    return Stop(Fault(input_, "is damaged: its values do not come in the order of its columns."));
  }
  if (auto status = Append(next_, value); !status.ok()) {
    return Stop(FromArrow(status, "reading " + input_.label()));
  }
  if (++next_ < count_) return READSTAT_HANDLER_OK;
  next_ = 0;
  if (++rows_ < kBatchRows && bytes_ < kBatchBytes) return READSTAT_HANDLER_OK;
  auto flushed = Flush();
  return flushed ? READSTAT_HANDLER_OK : Stop(flushed.error());
}

Result<void> Reading::Flush() {
  CORESHED_TRY(CheckStop());
  if (rows_ == 0) return {};
  arrow::ArrayVector arrays;
  for (auto& builder : builders_) {
    CORESHED_ARROW_ASSIGN(auto array, builder->Finish(), input_.label());
    arrays.push_back(std::move(array));
  }
  const auto batch = arrow::RecordBatch::Make(dataset_.RawSchema(), rows_, std::move(arrays));
  columns_->Watch(*batch);
  CORESHED_ARROW_TRY(writer_->WriteRecordBatch(*batch), "keeping the rows of " + input_.label());
  rows_ = bytes_ = 0;
  return {};
}

void Reading::SetHandlers(readstat_parser_t* parser) {
  const auto self = [](void* context) { return static_cast<Reading*>(context); };
  static constexpr auto kSelf = self;
  api_.set_open_handler(parser, [](const char*, void*) { return 0; });
  api_.set_close_handler(parser, [](void*) { return 0; });
  api_.set_seek_handler(parser, [](readstat_off_t offset, readstat_io_flags_t whence,
                                   void* context) { return kSelf(context)->Seek(offset, whence); });
  api_.set_read_handler(
      parser, [](void* to, size_t size, void* context) { return kSelf(context)->Read(to, size); });
  api_.set_update_handler(
      parser, [](long, readstat_progress_handler, void*, void*) { return READSTAT_OK; });
  api_.set_io_ctx(parser, this);
  api_.set_handler_character_encoding(parser, nullptr);  // bytes as they are
  api_.set_metadata_handler(parser, [](readstat_metadata_t* metadata, void* context) {
    return kSelf(context)->TakeMetadata(metadata);
  });
  api_.set_variable_handler(parser,
                            [](int, readstat_variable_t* variable, const char*, void* context) {
                              return kSelf(context)->TakeVariable(variable);
                            });
  api_.set_value_handler(
      parser, [](int, readstat_variable_t* variable, readstat_value_t value, void* context) {
        return kSelf(context)->TakeValue(variable, value);
      });
  api_.set_error_handler(
      parser, [](const char* message, void* context) { kSelf(context)->said_ = message; });
}

Error Reading::Unreadable(readstat_error_t code) const {
  std::string why = api_.error_message(code);
  if (IsUtf8(said_) && !HasControl(said_) && !said_.empty()) {
    const std::string_view said = said_;
    constexpr std::string_view kName = "ReadStat: ";
    why += " (" + std::string(said.starts_with(kName) ? said.substr(kName.size()) : said) + ")";
  }
  return Fault(input_, "can't be read by ReadStat: " + why + ".");
}

Result<void> Reading::Run(const InputFile::Sink& sink) {
  sink_ = std::make_shared<SinkStream>(input_, sink, options_.limits.unpacked_bytes);
  readstat_parser_t* parser = api_.parser_init();
  if (parser == nullptr) return Error{ErrorKind::kIo, "ReadStat could not be made ready."};
  SetHandlers(parser);
  const readstat_error_t code = api_.parse_sas7bdat(parser, "", this);
  api_.parser_free(parser);
  if (error_) return *std::move(error_);
  if (code != READSTAT_OK) return Unreadable(code);
  if (columns_ == nullptr) return Fault(input_, "holds a data set without variables.");
  if (next_ != 0) return Fault(input_, "is cut off: it ends within a row.");
  CORESHED_TRY(Flush());
  CORESHED_ARROW_TRY(writer_->Close(), "keeping the rows of " + input_.label());
  return {};
}

}  // namespace

Result<OpenedTables> OpenSas7bdat(std::shared_ptr<InputFile> input,
                                  const OpenFileOptions& options) {
  CORESHED_ASSIGN(const auto given, EncodingNamed(options.encoding));
  CORESHED_ASSIGN(const auto* api, LoadReadStat());
  CORESHED_ASSIGN(const auto header, ReadSas7bdatHeader(*input));
  Reading reading(*api, *input, options, header, given);
  CORESHED_ASSIGN(auto rows,
                  input->Rewritten([&](const InputFile::Sink& sink) { return reading.Run(sink); }));
  CORESHED_TRY(input->CheckUnchanged());
  CORESHED_TRY(reading.texts()->Settle());
  const auto& columns = reading.columns();
  CORESHED_TRY(columns->Settle());
  OpenedTables opened;
  opened.warnings = reading.texts()->Warnings();
  for (auto& warning : columns->Warnings(input->label()))
    opened.warnings.push_back(std::move(warning));
  CORESHED_ARROW_TRY(rows->file()->Seek(0), "reading " + input->label());
  CORESHED_ARROW_ASSIGN(auto raw, arrow::ipc::RecordBatchStreamReader::Open(rows->file()),
                        "reading " + input->label());
  opened.tables.push_back({input->stem(), nullptr, MakeSasReader(rows, std::move(raw), columns)});
  return opened;
}

}  // namespace coreshed::sources
