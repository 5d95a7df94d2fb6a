#include <arrow/record_batch.h>

#include <filesystem>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/files.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/rows_table.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr int64_t kRowsShown = 20;

struct ReadArguments {
  std::string ref, table, columns, where, format, output;
  int64_t limit = -1;
  bool all = false, overwrite = false;

  /// Which rows, and what becomes of them.
  void AddTo(CLI::App* verb) {
    verb->add_option("-c,--columns", columns, "Only these, in this order")->type_name("A,B,C");
    verb->add_option("-w,--where", where, "Only rows for which this SQL expression is true")
        ->type_name("SQL");
    verb->add_flag("--all", all, "Show all rows, not only the first and the last");
    verb->add_option("-f,--format", format, "Else a table to look at")
        ->check(CLI::IsMember({"csv", "parquet", "arrow", "ags", "json"}))
        ->type_name("csv|parquet|arrow|ags|json");
    verb->add_option("-o,--output", output, "Into a file; its ending tells the format")
        ->type_name("FILE");
    verb->add_flag("--overwrite", overwrite, "Replace the file if there is one");
  }
};

/// Ends a stream when Ctrl-C was pressed.
class StoppableReader : public arrow::RecordBatchReader {
 public:
  StoppableReader(std::shared_ptr<arrow::RecordBatchReader> rows, std::stop_token stop)
      : rows_(std::move(rows)), stop_(std::move(stop)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return rows_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (stop_.stop_requested()) return arrow::Status::Cancelled("stopped");
    return rows_->ReadNext(batch);
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> rows_;
  std::stop_token stop_;
};

ReadOptions OptionsOf(const ReadArguments& arguments) {
  ReadOptions options;
  options.where = arguments.where;
  options.limit = arguments.limit;
  std::string_view rest = arguments.columns;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    options.columns.emplace_back(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  }
  return options;
}

std::string Title(const Reading& reading, const Terminal& terminal) {
  return RecordWords(reading.version, terminal) + ", table " + Printable(reading.table);
}

std::string Title(const std::vector<Reading>& readings, const Terminal& terminal) {
  if (readings.size() == 1) return Title(readings.front(), terminal);
  return RecordWords(readings.front().version, terminal) + ", " + std::to_string(readings.size()) +
         " tables";
}

Json HeadOf(const Reading& reading) {
  return {{"record_id", reading.version.record_id},
          {"version", reading.version.version},
          {"status", StatusName(reading.version.status)},
          {"active", reading.version.active},
          {"exact_hash", reading.version.exact_hash},
          {"event_type", reading.version.event_type},
          {"table", reading.table},
          {"columns", ToJson(Take(ColumnsOf(*reading.rows->schema())))}};
}

/// Write rows to a file or, as bytes, to standard output, and say what they are beside it. Returns
/// how many rows there were.
int64_t WriteOut(Invocation& invocation, const std::vector<Reading>& readings,
                 const std::string& path, FileFormat format, bool overwrite) {
  auto& output = invocation.output();
  output.Flush();
  std::vector<TableInput> tables;
  for (const auto& reading : readings) {
    tables.push_back(
        {reading.table, nullptr,
         std::make_shared<StoppableReader>(reading.rows, invocation.interrupts().token())});
  }
  const int64_t count = [&] {
    invocation.interrupts().Listen();
    return Take(WriteFile(tables, path, format, overwrite));
  }();
  if (invocation.json) return count;
  const std::string rows = ": " + Counted(count, "row");
  if (path == "-") {
    output.Remark(Title(readings, output.error_terminal()) + rows);
  } else {
    output.Print(Title(readings, output.terminal()) + rows + " → " + Printable(path) + "\n");
  }
  return count;
}

/// Show the rows that were read, or write them where the arguments say.
int HandOut(Invocation& invocation, const Reading& reading, const ReadArguments& arguments) {
  auto& output = invocation.output();
  const auto format = ParseFileFormat(arguments.format);
  if (!arguments.output.empty()) {
    const auto by_name = format ? *format : Take(FormatOfFile(arguments.output));
    const int64_t rows =
        WriteOut(invocation, {reading}, arguments.output, by_name, arguments.overwrite);
    if (invocation.json && arguments.output != "-") {
      Json document = HeadOf(reading);
      document["file"] = arguments.output;
      document["row_count"] = rows;
      output.PrintJson(document);
    }
    return 0;
  }
  if (format) {
    const bool is_text = format == FileFormat::kCsv || format == FileFormat::kAgs;
    if (!is_text && output.terminal().is_terminal) {
      throw Failure(
          Error{ErrorKind::kInvalidArgument,
                "Bytes of " + arguments.format + " are nothing to look at: name a file with -o."});
    }
    WriteOut(invocation, {reading}, "-", *format, false);
    return 0;
  }
  if (invocation.json || arguments.format == "json") {
    PrintRowsJson(*reading.rows, HeadOf(reading), output);
    return 0;
  }
  const bool whole = arguments.all || arguments.limit >= 0;
  PrintRows(Title(reading, output.terminal()), *reading.rows, whole ? -1 : kRowsShown, output);
  return 0;
}

int RunRead(Invocation& invocation, const ReadArguments& arguments) {
  return HandOut(invocation, Take(invocation.store().Read(arguments.ref, OptionsOf(arguments))),
                 arguments);
}

int RunCohort(Invocation& invocation, const ReadArguments& arguments) {
  const Reading reading =
      Take(invocation.store().GetCohort(arguments.ref, OptionsOf(arguments), arguments.table));
  auto& output = invocation.output();
  output.Remark("Read " + Title(reading, output.error_terminal()) + ": made by " +
                reading.version.event_type + ", exact hash " + reading.version.exact_hash);
  return HandOut(invocation, reading, arguments);
}

struct ExportArguments {
  std::string ref, target, format;
  bool overwrite = false;
};

void MakeFolder(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directory(path, code);
  if (!code) return;
  throw Failure(
      Error{ErrorKind::kIo, "The folder " + path + " can't be made: " + code.message() + "."}.With(
          "file", path));
}

/// A file to write, and the tables that go into it.
struct OutFile {
  std::string path;
  FileFormat format;
  std::vector<std::string> tables;
};

/// The file that all tables go into, or the one that is named.
OutFile FileOf(const ExportArguments& arguments, const Resolved& resolved) {
  const auto format = ParseFileFormat(arguments.format);
  if (!format && arguments.target != "-" &&
      !std::filesystem::path(arguments.target).has_extension()) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        arguments.target +
                            " is no folder, and has no ending that tells a format. Write " +
                            arguments.target + "/ for a new folder, or name a file such as " +
                            arguments.target + ".csv."});
  }
  OutFile file{arguments.target, format ? *format : Take(FormatOfFile(arguments.target)), {}};
  if (!resolved.table.empty()) {
    file.tables.push_back(resolved.table);
    return file;
  }
  if (file.format != FileFormat::kAgs) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        arguments.ref +
                            " has several tables. Export them into a folder, or "
                            "name one: " +
                            arguments.ref + "#" + RefPart(resolved.version.tables.front().name)});
  }
  for (const auto& table : resolved.version.tables)
    file.tables.push_back(table.name);
  return file;
}

/// A file in the folder for each table.
std::vector<OutFile> FilesInFolder(const ExportArguments& arguments, const Resolved& resolved) {
  const auto format = ParseFileFormat(arguments.format);
  const std::string ending = format ? arguments.format : "parquet";
  std::vector<OutFile> files;
  for (const auto& table : resolved.version.tables) {
    if (!resolved.table.empty() && resolved.table != table.name) continue;
    const std::filesystem::path name = FileNameOf(table.name) + "." + ending;
    files.push_back({(std::filesystem::path(arguments.target) / name).string(),
                     format.value_or(FileFormat::kParquet),
                     {table.name}});
  }
  return files;
}

int RunExport(Invocation& invocation, const ExportArguments& arguments) {
  Store& store = invocation.store();
  const auto resolved = Take(store.Resolve(arguments.ref));
  // The version found now, whatever becomes active meanwhile.
  std::string base = arguments.ref.substr(0, arguments.ref.find('#'));
  base = base.substr(0, base.find('@')) + "@v" + std::to_string(resolved.version.version);
  std::error_code code;
  const bool to_folder =
      arguments.target.ends_with('/') || std::filesystem::is_directory(arguments.target, code);
  const auto files = to_folder ? FilesInFolder(arguments, resolved)
                               : std::vector<OutFile>{FileOf(arguments, resolved)};
  for (const auto& file : files) {  // all of them or none
    if (!arguments.overwrite && std::filesystem::is_regular_file(file.path, code)) {
      throw Failure(Error{ErrorKind::kAlreadyExists,
                          file.path + " exists already. Choose another place, or use --overwrite."}
                        .With("file", file.path));
    }
  }
  if (to_folder) MakeFolder(arguments.target);
  Json written = Json::array();
  for (const auto& file : files) {
    std::vector<Reading> readings;
    for (const auto& table : file.tables) {
      readings.push_back(Take(store.Read(base + "#" + RefPart(table))));
      written.push_back({{"table", table}, {"file", file.path}});
    }
    WriteOut(invocation, readings, file.path, file.format, arguments.overwrite);
  }
  if (invocation.json) {
    invocation.output().PrintJson({{"record_id", resolved.record_id},
                                   {"version", resolved.version.version},
                                   {"status", StatusName(resolved.version.status)},
                                   {"files", written}});
  }
  return 0;
}

}  // namespace

void AddRead(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ReadArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "read", "Show or write the rows of a version", arguments, RunRead);
  verb->alias("show");
  verb->group("Read");
  verb->add_option("REF", arguments->ref,
                   "ID, ID@v3, ID@approved, ID@TAG, ID@2026-01-27T10:00:00Z; #TABLE at its end")
      ->required();
  verb->add_option("-n,--limit", arguments->limit, "At most so many rows")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  arguments->AddTo(verb);
  verb->footer(
      "Examples:\n"
      "  coreshed read HKZ1-CPT01\n"
      "  coreshed read HKZ1-CPT01@v1 -c SCPT_DPTH,SCPT_RES -w \"SCPT_RES > 50\"\n"
      "  coreshed read PILOT@approved#ae -f csv | wc -l\n"
      "  coreshed read HKZ1-CPT01@2026-01-27T10:00:00Z -o as-it-was.parquet");
}

void AddCohort(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ReadArguments>();
  CLI::App* verb = AddVerb(app, invocation, "cohort",
                           "Read a dataset's active version for an analysis, and say which it was",
                           arguments, RunCohort);
  verb->group("Read");
  verb->add_option("ID", arguments->ref, "The dataset")->required();
  verb->add_option("--table", arguments->table, "Which table, where it has several")
      ->type_name("NAME");
  arguments->AddTo(verb);
  verb->footer(
      "The active version is read, whatever the store's default is. Which one that was stands on\n"
      "standard error; coreshed read ID@sha:HASH reads the same content again.\n\n"
      "Examples:\n"
      "  coreshed cohort dm-4f1c09a3b2d7 -w \"AGE >= 65\" -c USUBJID,AGE,ARM\n"
      "  coreshed cohort dm-4f1c09a3b2d7 -w \"AGE >= 65\" -o elderly.parquet 2> which.txt");
}

void AddExport(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "export", "Write a version's tables to files", arguments, RunExport);
  verb->group("Read");
  verb->add_option("REF", arguments->ref, "As for read")->required();
  verb->add_option("TARGET", arguments->target,
                   "A file (AGS: for all tables), or a folder for them")
      ->required();
  verb->add_option("-f,--format", arguments->format, "Else by the ending; in a folder Parquet")
      ->check(CLI::IsMember({"csv", "parquet", "arrow", "ags"}))
      ->type_name("csv|parquet|arrow|ags");
  verb->add_flag("--overwrite", arguments->overwrite, "Replace files that are there");
  verb->footer(
      "Formulas in cells stay what they are: a spreadsheet may run them.\n\n"
      "Examples:\n"
      "  coreshed export HKZ1-CPT01@approved for-design.csv\n"
      "  coreshed export HKZ1-CPT01@approved for-design.ags\n"
      "  coreshed export PILOT delivery/ -f csv");
}

}  // namespace coreshed::cli
