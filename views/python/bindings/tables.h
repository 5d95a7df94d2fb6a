#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <nanobind/nanobind.h>

#include <map>
#include <memory>
#include <string>

/// Tables on their way between Python and Arrow's C++: no value is copied. What comes is a
/// pyarrow.Table, or anything with __arrow_c_stream__; what goes is pyarrow's. All of it needs the
/// interpreter's lock.
namespace coreshed::python {

namespace nb = nanobind;

/// The tables of a record, by name; the name "" means that there is one and it was given none.
Data DataOf(const nb::dict& tables);

/// Whole tables of few bytes: what is written in some milliseconds.
bool IsSmall(const Data& data);

/// The memory of a Python object that has some (bytes, memoryview, mmap), not copied.
std::shared_ptr<arrow::Buffer> BytesOf(nb::handle bytes);

std::shared_ptr<arrow::Table> TableOf(nb::handle table);
std::shared_ptr<arrow::Schema> SchemaOf(nb::handle schema);

nb::object ToPython(const std::shared_ptr<arrow::Table>& table);
nb::object ToPython(const std::shared_ptr<arrow::Schema>& schema);
nb::object ToPython(const std::shared_ptr<arrow::RecordBatchReader>& reader);

/// Make pyarrow's own types known here.
void ImportPyArrow();

}  // namespace coreshed::python
