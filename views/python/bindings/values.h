#pragma once

#include <coreshed/store.h>
#include <nanobind/nanobind.h>

#include <vector>

/// The library's values as those of coreshed.values. All of it needs the interpreter's lock.
namespace coreshed::python {

namespace nb = nanobind;

nb::object ToPython(const Column& column);
nb::object ToPython(const Drift& drift);
nb::object ToPython(const Version& version);
nb::object ToPython(const Event& event);
nb::object ToPython(const RecordInfo& record);
nb::object ToPython(const RecordChange& change);
nb::object ToPython(const ContentMatch& match);
nb::object ToPython(const Resolved& resolved);
nb::object ToPython(const Source& source);
nb::object ToPython(const NamedSchema& schema);
nb::object ToPython(const RejectReport& report);
nb::object ToPython(const UploadResult& result);
nb::object ToPython(const DuplicateGroup& group);
nb::object ToPython(const VerifyReport& report);
nb::object ToPython(const CopyReport& report);
nb::object ToPython(const ImportReport& report);
nb::object ToPython(const RepairReport& report);
nb::object ToPython(const VacuumReport& report);
nb::object ToPython(const Erasure& erasure);
nb::object ToPython(const Stats& stats);

template <typename T>
nb::object ToPython(const std::vector<T>& values) {
  nb::list list;
  for (const auto& value : values)
    list.append(ToPython(value));
  return list;
}

/// Look up the classes; once, when the module is made.
void ImportValues();

}  // namespace coreshed::python
