#include "python/bindings/module.h"

#include "python/bindings/failure.h"
#include "python/bindings/tables.h"
#include "python/bindings/values.h"

/// What coreshed's Python files call. Nobody else does: names and arguments may change.
NB_MODULE(_core, module) {
  using namespace coreshed::python;
  // What a fork leaves behind in the child is never freed, with intent.
  nanobind::set_leak_warnings(false);
  ImportPyArrow();
  ImportValues();
  TranslateFailures(module);
  BindStore(module);
  BindContent(module);
  module.attr("__version__") = CORESHED_VERSION;
}
