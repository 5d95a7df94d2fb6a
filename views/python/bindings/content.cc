#include <coreshed/content.h>
#include <coreshed/sources.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "python/bindings/failure.h"
#include "python/bindings/long_call.h"
#include "python/bindings/module.h"
#include "python/bindings/tables.h"
#include "python/bindings/values.h"

namespace coreshed::python {
namespace {

std::map<std::string, std::vector<Column>> ColumnsByTable(const nb::dict& schemas) {
  std::map<std::string, std::vector<Column>> tables;
  for (const auto& [name, schema] : schemas)
    tables[nb::cast<std::string>(name)] = Take(ColumnsOf(*SchemaOf(schema)));
  return tables;
}

}  // namespace

void BindContent(nb::module_& module) {
  module.def("schema_fingerprint", [](nb::handle schema) {
    return SchemaFingerprint(Take(ColumnsOf(*SchemaOf(schema))));
  });
  module.def("schema_drift", [](const nb::dict& before, const nb::dict& after,
                                const std::map<std::string, std::string>& renames, bool widening) {
    return ToPython(
        DetectSchemaDrift(ColumnsByTable(before), ColumnsByTable(after), renames, widening));
  });
  module.def("check_metadata", [](const nb::bytes& text) {
    Take(CheckMetadata(std::string_view(text.c_str(), text.size())));
  });
  module.def("content_hash", [](nb::handle table) {
    const auto rows = TableOf(table);
    const Inside inside;
    const nb::gil_scoped_release unlocked;
    return Take(ContentHash(*rows));
  });
}

}  // namespace coreshed::python
