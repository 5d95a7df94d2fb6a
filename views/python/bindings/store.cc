#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <coreshed/log.h>
#include <coreshed/sources.h>
#include <coreshed/store.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/failure.h"
#include "python/bindings/long_call.h"
#include "python/bindings/module.h"
#include "python/bindings/options.h"
#include "python/bindings/tables.h"
#include "python/bindings/values.h"

namespace coreshed::python {
namespace {

using Texts = std::map<std::string, std::string>;

/// A call that is over soon: without the interpreter's lock, in this thread.
template <typename Call>
auto Quick(Call call) -> decltype(Take(call())) {
  const Inside inside;
  const nb::gil_scoped_release unlocked;
  return Take(call());
}

/// One that may take long; `call` gets the LongCall for its options.
template <typename Call>
auto Long(const nb::object& callback, Call call, bool is_short = false) {
  LongCall running(callback);
  std::optional<decltype(Take(call(running)))> value;
  running.Run([&] { value = Take(call(running)); }, is_short);
  return std::move(*value);
}

template <typename Options>
void Attach(LongCall& running, Options* options) {
  options->stop = running.stop();
  options->progress = running.progress();
}

// ---- writing

nb::object Write(Store& store, const std::string& kind, const std::string& record_id,
                 const nb::dict& tables, const nb::dict& given,
                 const std::vector<std::string>& keys, const nb::object& callback) {
  const Data data = DataOf(tables);
  CreateOptions options = CreateOptionsOf(given);
  const auto write = [&](LongCall& running) {
    Attach(running, &options);
    if (kind == "create") return store.CreateRecord(record_id, data, options);
    if (kind == "append") return store.AppendRows(record_id, data, options);
    if (kind == "upsert") return store.UpsertRows(record_id, data, keys, options);
    return store.UpdateRecord(record_id, data, options);
  };
  // The other kinds read what is there, which may be much.
  const bool is_short =
      callback.is_none() && (kind == "create" || kind == "update") && IsSmall(data);
  return ToPython(Long(callback, write, is_short));
}

nb::object DeleteRows(Store& store, const std::string& record_id, const std::string& where,
                      const std::string& table, const nb::dict& given, const nb::object& callback) {
  WriteOptions options = CreateOptionsOf(given);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.DeleteRows(record_id, where, table, options);
  }));
}

/// `source`: a path, or the bytes of a file called `file_name`.
FileInput InputOf(const nb::object& source, const std::string& file_name) {
  FileInput input;
  input.file_name = file_name;
  if (nb::isinstance<nb::str>(source)) {
    input.path = nb::cast<std::string>(source);
  } else {
    input.bytes = BytesOf(source);
  }
  return input;
}

nb::object SaveUpload(Store& store, const nb::object& source, const std::string& file_name,
                      const nb::dict& given, const nb::object& callback) {
  UploadOptions options = UploadOptionsOf(given);
  const FileInput input = InputOf(source, file_name);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.SaveUpload(input, options);
  }));
}

nb::object CheckFile(Store& store, const nb::object& source, const std::string& file_name,
                     const nb::dict& given) {
  const UploadOptions upload = UploadOptionsOf(given);
  const FileInput input = InputOf(source, file_name);
  CheckFileOptions options;
  options.schema = upload.schema;
  options.reading = upload.reading;
  return ToPython(Long(nb::none(), [&](LongCall& running) {
    options.stop = running.stop();
    return store.CheckFile(input, options);
  }));
}

nb::object FindDrift(Store& store, const nb::object& source, const std::string& file_name,
                     const std::string& ref, const nb::dict& given) {
  const UploadOptions upload = UploadOptionsOf(given);
  const FileInput input = InputOf(source, file_name);
  RecordFileOptions options{upload.renames, upload.schema, upload.reading};
  return ToPython(Long(nb::none(), [&](LongCall& running) -> Result<Drift> {
    options.reading.stop = running.stop();
    auto opened = store.OpenFilesFor(ref, {{input, ""}}, options);
    if (!opened) return std::move(opened).error();
    return store.FindDrift(ref, Data(std::move(opened->front().tables)),
                           {upload.renames, upload.schema, true});
  }));
}

/// `definition`: its JSON.
nb::object SaveSchema(Store& store, const std::string& name, const std::string& definition,
                      const nb::dict& given) {
  const EventOptions options = EventOptionsOf(given);
  return ToPython(Quick([&]() -> Result<NamedSchema> {
    auto parsed = ParseSchema(definition);
    if (!parsed) return std::move(parsed).error();
    return store.SaveSchema(name, *parsed, options);
  }));
}

nb::object BindSchema(Store& store, const std::string& record_id, const std::string& schema,
                      const nb::dict& given) {
  const EventOptions options = EventOptionsOf(given);
  return ToPython(Quick([&] { return store.BindSchema(record_id, schema, options); }));
}

/// (source, bytes)
nb::object ReadSource(Store& store, const std::string& ref, bool rejects) {
  const auto kept = Quick([&] { return rejects ? store.ReadRejects(ref) : store.ReadSource(ref); });
  return nb::make_tuple(ToPython(kept.source),
                        nb::bytes(kept.bytes->data(), static_cast<size_t>(kept.bytes->size())));
}

/// A list of versions, and of exceptions in the places of those that failed.
nb::object WriteMany(Store& store, bool creates, const nb::list& items,
                     const nb::object& callback) {
  std::vector<RecordData> records;
  for (const nb::handle item : items) {
    records.push_back({nb::cast<std::string>(item[0]), DataOf(nb::cast<nb::dict>(item[1])),
                       CreateOptionsOf(nb::cast<nb::dict>(item[2]))});
  }
  LongCall running(callback);
  ManyOptions options;
  Attach(running, &options);
  std::vector<Result<Version>> results;
  running.Run([&] {
    results = creates ? store.CreateMany(records, options) : store.UpdateMany(records, options);
  });
  nb::list answers;
  for (const auto& result : results)
    answers.append(result ? ToPython(*result) : ExceptionOf(result.error()));
  return answers;
}

nb::object Review(Store& store, bool approves, const std::string& record_id,
                  const nb::dict& given) {
  const ReviewOptions options = ReviewOptionsOf(given);
  return ToPython(Quick([&] {
    return approves ? store.ApproveRecord(record_id, options)
                    : store.RejectRecord(record_id, options);
  }));
}

nb::object Rollback(Store& store, const std::string& record_id, int64_t version,
                    const nb::dict& given) {
  const RollbackOptions options = RollbackOptionsOf(given);
  return ToPython(Quick([&] { return store.RollbackToVersion(record_id, version, options); }));
}

nb::object Tag(Store& store, const std::string& ref, const std::string& name,
               const nb::dict& given) {
  const EventOptions options = EventOptionsOf(given);
  return ToPython(Quick([&] { return store.Tag(ref, name, options); }));
}

nb::object SetAttributes(Store& store, const std::string& record_id, const Texts& attributes,
                         const std::optional<std::string>& name, const nb::dict& given) {
  const EventOptions options = EventOptionsOf(given);
  return ToPython(Quick([&] { return store.SetAttributes(record_id, attributes, name, options); }));
}

nb::object SetDriftPolicy(Store& store, const std::string& record_id, const nb::dict& given) {
  const CreateOptions options = CreateOptionsOf(given);
  return ToPython(
      Quick([&] { return store.SetDriftPolicy(record_id, options.drift_policy, options); }));
}

void SetSettings(Store& store, const Texts& settings, const nb::dict& given) {
  const EventOptions options = EventOptionsOf(given);
  (void)Quick([&] { return store.SetSettings(settings, options); });
}

// ---- reading

nb::object ReadTable(Store& store, const std::string& ref, const nb::dict& given) {
  const ReadOptions options = ReadOptionsOf(given);
  return ToPython(Quick([&] { return store.ReadTable(ref, options); }));
}

nb::object Read(Store& store, const std::string& ref, const nb::dict& given) {
  const ReadOptions options = ReadOptionsOf(given);
  return ToPython(Quick([&] { return store.Read(ref, options); }).rows);
}

/// (rows, table, version)
nb::object GetCohort(Store& store, const std::string& upload_id, const nb::dict& given,
                     const std::string& table) {
  const ReadOptions options = ReadOptionsOf(given);
  const Reading reading = Quick([&] { return store.GetCohort(upload_id, options, table); });
  return nb::make_tuple(ToPython(reading.rows), reading.table, ToPython(reading.version));
}

/// What goes into a file: the table of a ref, or all tables where one file holds them.
std::vector<TableInput> TablesOf(Store& store, const std::string& ref, FileFormat format,
                                 const ReadOptions& options) {
  std::vector<Reading> readings;
  if (format == FileFormat::kAgs) {
    readings = Take(store.ReadTables(ref, options));
  } else {
    readings.push_back(Take(store.Read(ref, options)));
  }
  std::vector<TableInput> tables;
  for (auto& reading : readings)
    tables.push_back({reading.table, nullptr, std::move(reading.rows)});
  return tables;
}

FileFormat FormatFor(const std::string& path, const std::string& format) {
  if (format.empty()) return Take(FormatOfFile(path));
  if (const auto named = ParseFileFormat(format)) return *named;
  return Take(FormatOfFile("." + format));  // tsv; else lists what there is
}

/// Returns the number of rows. `format`: csv, parquet, arrow, ags; "": the ending of the file
/// tells.
int64_t Export(Store& store, const std::string& ref, const std::string& path,
               const std::string& format, bool overwrite, const nb::dict& given) {
  const ReadOptions options = ReadOptionsOf(given);
  int64_t rows = 0;
  LongCall running{nb::none()};
  running.Run([&] {
    const FileFormat chosen = FormatFor(path, format);
    rows = Take(WriteFile(TablesOf(store, ref, chosen, options), path, chosen, overwrite));
  });
  return rows;
}

nb::object Schemas(Store& store, const std::string& ref) {
  nb::dict schemas;
  for (const auto& [name, schema] : Quick([&] { return store.Schemas(ref); }))
    schemas[name.c_str()] = ToPython(schema);
  return schemas;
}

nb::object List(Store& store, const nb::dict& given) {
  const ListOptions options = ListOptionsOf(given);
  return ToPython(Quick([&] { return store.ListRecords(options); }));
}

nb::object Changes(Store& store, const std::string& since) {
  const auto changes = Quick([&] { return store.Changes(since); });
  return nb::make_tuple(ToPython(changes.records), changes.token);
}

nb::object ResolveOutcome(Store& store, const std::string& record_id, const std::string& event_id,
                          int64_t base_seq) {
  const auto event = Quick([&] { return store.ResolveOutcome(record_id, event_id, base_seq); });
  return event ? ToPython(*event) : nb::object(nb::none());
}

// ---- erasure and care

nb::object Purge(Store& store, const std::string& record_id, int64_t version,
                 const nb::dict& given) {
  EventOptions options = EventOptionsOf(given);
  return ToPython(Long(nb::none(), [&](LongCall& running) {
    options.stop = running.stop();
    return store.Purge(record_id, version, options);
  }));
}

nb::object DeleteRecord(Store& store, const std::string& record_id, const nb::dict& given) {
  EventOptions options = EventOptionsOf(given);
  return ToPython(Long(nb::none(), [&](LongCall& running) {
    options.stop = running.stop();
    return store.DeleteRecord(record_id, options);
  }));
}

nb::object Redact(Store& store, const std::string& record_id, const std::vector<int64_t>& events,
                  const std::vector<std::string>& texts, const nb::dict& given) {
  EventOptions options = EventOptionsOf(given);
  return ToPython(Long(nb::none(), [&](LongCall& running) {
    options.stop = running.stop();
    return store.Redact(record_id, events, texts, options);
  }));
}

nb::object Verify(Store& store, const nb::dict& given, const nb::object& callback) {
  VerifyOptions options = VerifyOptionsOf(given);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.Verify(options);
  }));
}

nb::object Vacuum(Store& store, const nb::dict& given, const nb::object& callback) {
  VacuumOptions options = VacuumOptionsOf(given);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.Vacuum(options);
  }));
}

nb::object Copy(Store& store, const std::string& place, const nb::dict& given,
                const nb::object& callback) {
  CopyOptions options = CopyOptionsOf(given);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.Copy(place, options);
  }));
}

nb::object Import(Store& store, const std::string& folder, const nb::dict& given,
                  const nb::object& callback) {
  ImportOptions options = ImportOptionsOf(given);
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.Import(folder, options);
  }));
}

nb::object Repair(Store& store, const nb::object& callback) {
  RepairOptions options;
  return ToPython(Long(callback, [&](LongCall& running) {
    Attach(running, &options);
    return store.Repair(options);
  }));
}

// ---- what Python sees

void DefineWriting(nb::class_<Store>& type) {
  const auto any = nb::arg();
  const auto maybe = nb::arg().none();
  type.def("write", &Write, any, any, any, any, any, maybe)
      .def("delete_rows", &DeleteRows, any, any, any, any, maybe)
      .def("write_many", &WriteMany, any, any, maybe)
      .def("save_upload", &SaveUpload, any, any, any, maybe)
      .def("save_schema", &SaveSchema)
      .def("bind_schema", &BindSchema)
      .def("review", &Review)
      .def("rollback", &Rollback)
      .def("tag", &Tag)
      .def("set_attributes", &SetAttributes, any, any, maybe, any)
      .def("set_drift_policy", &SetDriftPolicy)
      .def("set_settings", &SetSettings)
      .def("purge", &Purge)
      .def("delete_record", &DeleteRecord)
      .def("redact", &Redact);
}

void DefineReading(nb::class_<Store>& type) {
  type.def("read_source", &ReadSource)
      .def("check_file", &CheckFile)
      .def("find_drift", &FindDrift)
      .def("get_schema",
           [](Store& store, const std::string& name, int64_t number) {
             return ToPython(Quick([&] { return store.GetSchema(name, number); }));
           })
      .def("list_schemas",
           [](Store& store) { return ToPython(Quick([&] { return store.ListSchemas(); })); })
      .def("duplicates",
           [](Store& store) { return ToPython(Quick([&] { return store.FindDuplicates(); })); })
      .def("settings", [](Store& store) { return Quick([&] { return store.Settings(); }); })
      .def("resolve",
           [](Store& store, const std::string& ref) {
             return ToPython(Quick([&] { return store.Resolve(ref); }));
           })
      .def("read_table", &ReadTable)
      .def("read", &Read)
      .def("cohort", &GetCohort)
      .def("export", &Export)
      .def("schemas", &Schemas)
      .def("versions",
           [](Store& store, const std::string& record_id, int64_t after, int64_t limit) {
             return ToPython(Quick([&] { return store.Versions(record_id, after, limit); }));
           })
      .def("history",
           [](Store& store, const std::string& record_id, int64_t after, int64_t limit) {
             return ToPython(Quick([&] { return store.History(record_id, after, limit); }));
           })
      .def("record",
           [](Store& store, const std::string& record_id) {
             return ToPython(Quick([&] { return store.GetRecord(record_id); }));
           })
      .def("metadata",
           [](Store& store, const std::string& record_id) {
             const std::string text = Quick([&] { return store.GetMetadata(record_id); });
             return nb::bytes(text.data(), text.size());
           })
      .def("records", &List)
      .def("changes", &Changes)
      .def("find", [](Store& store, const std::string& hash) {
        return ToPython(Quick([&] { return store.FindByContentHash(hash); }));
      });
}

void DefineCare(nb::class_<Store>& type) {
  const auto any = nb::arg();
  const auto maybe = nb::arg().none();
  type.def("verify", &Verify, any, maybe)
      .def("seal", [](Store& store,
                      const std::string& key) { return Quick([&] { return store.Seal(key); }); })
      .def("vacuum", &Vacuum, any, maybe)
      .def("copy", &Copy, any, any, maybe)
      .def("import_store", &Import, any, any, maybe)
      .def("repair", &Repair, maybe)
      .def("stats", [](Store& store) { return ToPython(Quick([&] { return store.Stats(); })); })
      .def("resolve_outcome", &ResolveOutcome);
}

}  // namespace

void BindStore(nb::module_& module) {
  module.def("open", [](const std::string& location, const nb::dict& given) {
    const OpenOptions options = OpenOptionsOf(given);
    return Quick([&] { return Store::Open(location, options); });
  });
  // What a fork has left of a parent's store: never freed, since the threads it would wait for are
  // not here.
  module.def("leave", [](nb::handle store) { store.inc_ref(); });
  // Never freed: another thread may be about to say something when the interpreter ends.
  module.def("set_log", [](const nb::object& log) {
    auto* const kept = new nb::object(log);
    SetLog([kept](const std::string& line) {
      const nb::gil_scoped_acquire locked;
      try {
        (*kept)(line);
      } catch (nb::python_error& error) {
        error.discard_as_unraisable("coreshed's log");
      }
    });
  });
  module.def("end_calls", &EndCalls);
  module.def("forget_calls", &ForgetCalls);
  nb::class_<Store> store(module, "Store");
  store.def_prop_ro("store_id", &Store::store_id);
  DefineWriting(store);
  DefineReading(store);
  DefineCare(store);
}

}  // namespace coreshed::python
