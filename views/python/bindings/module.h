#pragma once

#include <nanobind/nanobind.h>

namespace coreshed::python {

void BindStore(nanobind::module_& module);
void BindContent(nanobind::module_& module);

}  // namespace coreshed::python
