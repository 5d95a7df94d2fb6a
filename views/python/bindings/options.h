#pragma once

#include <coreshed/options.h>
#include <coreshed/upload.h>
#include <nanobind/nanobind.h>

/// Options as coreshed.store collects them: a dict of those that were given. All of it needs the
/// interpreter's lock.
namespace coreshed::python {

namespace nb = nanobind;

OpenOptions OpenOptionsOf(const nb::dict& given);
EventOptions EventOptionsOf(const nb::dict& given);
UploadOptions UploadOptionsOf(const nb::dict& given);
CreateOptions CreateOptionsOf(const nb::dict& given);
ReviewOptions ReviewOptionsOf(const nb::dict& given);
RollbackOptions RollbackOptionsOf(const nb::dict& given);
ReadOptions ReadOptionsOf(const nb::dict& given);
ListOptions ListOptionsOf(const nb::dict& given);
VerifyOptions VerifyOptionsOf(const nb::dict& given);
CopyOptions CopyOptionsOf(const nb::dict& given);
ImportOptions ImportOptionsOf(const nb::dict& given);
VacuumOptions VacuumOptionsOf(const nb::dict& given);

}  // namespace coreshed::python
