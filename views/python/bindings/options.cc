#include "python/bindings/options.h"

#include <coreshed/content.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <cmath>
#include <string>

#include "python/bindings/failure.h"

namespace coreshed::python {
namespace {

/// Put an option where it belongs, if it was given.
template <typename T>
void Put(const nb::dict& given, const char* name, T* option) {
  if (!given.contains(name)) return;
  const nb::object value = given[name];
  if (value.is_none()) return;
  if (!nb::try_cast(value, *option)) {
    throw Failure(
        Error{ErrorKind::kInvalidArgument, std::string("The argument ") + name + " can't be " +
                                               nb::cast<std::string>(nb::repr(value)) + "."});
  }
}

template <typename Unit>
void PutTime(const nb::dict& given, const char* name, Unit* option) {
  double seconds = std::chrono::duration<double>(*option).count();
  Put(given, name, &seconds);
  constexpr double kMost = 1e9;  // thirty years
  if (!(seconds >= 0 && seconds <= kMost)) {
    throw Failure(Error{ErrorKind::kInvalidArgument, std::string("The argument ") + name +
                                                         " is a time in seconds, not " +
                                                         std::to_string(seconds) + "."});
  }
  *option = std::chrono::duration_cast<Unit>(std::chrono::duration<double>(seconds));
}

void PutPolicy(const nb::dict& given, const char* name, std::optional<DriftPolicy>* option) {
  std::string policy;
  Put(given, name, &policy);
  if (policy.empty()) return;
  *option = ParseDriftPolicy(policy);
  if (!*option) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "'" + policy + "' is no drift policy; there are reject, warn and allow."});
  }
}

void PutFormat(const nb::dict& given, std::optional<FileFormat>* option) {
  std::string format;
  Put(given, "format", &format);
  if (format.empty()) return;
  *option = ParseFileFormat(format);
  if (*option) return;
  std::string names;
  for (const auto& name : FileFormatNames())
    names += (names.empty() ? "" : ", ") + name;
  throw Failure(Error{ErrorKind::kInvalidArgument,
                      "'" + format + "' is no format; there are " + names + "."});
}

void PutEvent(const nb::dict& given, EventOptions* options) {
  Put(given, "actor", &options->actor);
  Put(given, "comment", &options->comment);
  Put(given, "event_id", &options->event_id);
}

S3Options S3OptionsOf(const nb::dict& given) {
  S3Options options;
  Put(given, "endpoint", &options.endpoint);
  Put(given, "region", &options.region);
  Put(given, "path_style", &options.path_style);
  Put(given, "ca_file", &options.ca_file);
  return options;
}

}  // namespace

OpenOptions OpenOptionsOf(const nb::dict& given) {
  OpenOptions options;
  Put(given, "create", &options.create);
  PutTime(given, "timeout", &options.timeout);
  Put(given, "cache_bytes", &options.cache_bytes);
  Put(given, "memory_bytes", &options.memory_bytes);
  Put(given, "threads", &options.threads);
  options.s3 = S3OptionsOf(given);
  return options;
}

EventOptions EventOptionsOf(const nb::dict& given) {
  EventOptions options;
  PutEvent(given, &options);
  return options;
}

CreateOptions CreateOptionsOf(const nb::dict& given) {
  CreateOptions options;
  PutEvent(given, &options);
  Put(given, "expected_version", &options.expected_version);
  PutPolicy(given, "drift_policy", &options.drift_policy);
  Put(given, "allow_breaking", &options.allow_breaking);
  Put(given, "renames", &options.renames);
  Put(given, "allow_empty", &options.allow_empty);
  Put(given, "schema", &options.schema);
  Put(given, "name", &options.name);
  Put(given, "attributes", &options.attributes);
  PutPolicy(given, "record_drift_policy", &options.record_drift_policy);
  return options;
}

UploadOptions UploadOptionsOf(const nb::dict& given) {
  UploadOptions options;
  static_cast<WriteOptions&>(options) = CreateOptionsOf(given);
  Put(given, "dataset_name", &options.dataset_name);
  Put(given, "overwrite", &options.overwrite);
  Put(given, "as_new_version", &options.as_new_version);
  Put(given, "attributes", &options.attributes);
  std::map<std::string, std::string> types;
  Put(given, "types", &types);
  for (const auto& [column, type] : types)
    options.reading.types[column] = Take(TypeNamed(type));
  Put(given, "encoding", &options.reading.encoding);
  PutFormat(given, &options.reading.format);
  std::string on_invalid = "refuse";
  Put(given, "on_invalid", &on_invalid);
  if (on_invalid != "refuse" && on_invalid != "split") {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "on_invalid is \"refuse\" or \"split\", not '" + on_invalid + "'."});
  }
  options.on_invalid = on_invalid == "split" ? OnInvalid::kSplit : OnInvalid::kRefuse;
  return options;
}

ReviewOptions ReviewOptionsOf(const nb::dict& given) {
  ReviewOptions options;
  PutEvent(given, &options);
  Put(given, "meaning", &options.meaning);
  Put(given, "version", &options.version);
  return options;
}

RollbackOptions RollbackOptionsOf(const nb::dict& given) {
  RollbackOptions options;
  PutEvent(given, &options);
  Put(given, "allow_rejected", &options.allow_rejected);
  return options;
}

ReadOptions ReadOptionsOf(const nb::dict& given) {
  ReadOptions options;
  Put(given, "columns", &options.columns);
  Put(given, "where", &options.where);
  Put(given, "limit", &options.limit);
  return options;
}

ListOptions ListOptionsOf(const nb::dict& given) {
  ListOptions options;
  std::string status;
  Put(given, "status", &status);
  for (const Status one : {Status::kDraft, Status::kApproved, Status::kRejected}) {
    if (StatusName(one) == status) options.status = one;
  }
  if (!status.empty() && !options.status) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "'" + status + "' is no status; there are draft, approved and rejected."});
  }
  Put(given, "attributes", &options.attributes);
  Put(given, "created_by", &options.created_by);
  Put(given, "table_name", &options.table_name);
  Put(given, "text", &options.text);
  Put(given, "updated_since", &options.updated_since);
  Put(given, "limit", &options.limit);
  Put(given, "after", &options.after);
  Put(given, "with_corrupt", &options.with_corrupt);
  return options;
}

VerifyOptions VerifyOptionsOf(const nb::dict& given) {
  VerifyOptions options;
  Put(given, "records", &options.records);
  Put(given, "deep", &options.deep);
  Put(given, "seal", &options.seal);
  Put(given, "public_key_pem", &options.public_key_pem);
  Put(given, "faults_max", &options.faults_max);
  return options;
}

CopyOptions CopyOptionsOf(const nb::dict& given) {
  CopyOptions options;
  Put(given, "records", &options.records);
  options.s3 = S3OptionsOf(given);
  return options;
}

ImportOptions ImportOptionsOf(const nb::dict& given) {
  ImportOptions options;
  Put(given, "actor", &options.actor);
  return options;
}

VacuumOptions VacuumOptionsOf(const nb::dict& given) {
  VacuumOptions options;
  Put(given, "dry_run", &options.dry_run);
  PutTime(given, "grace", &options.grace);
  return options;
}

}  // namespace coreshed::python
