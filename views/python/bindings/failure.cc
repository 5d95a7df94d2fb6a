#include "python/bindings/failure.h"

#include <string>

namespace coreshed::python {

nb::object ExceptionOf(const Error& error) {
  nb::dict fields;
  for (const auto& [name, value] : error.fields)
    fields[name.c_str()] = value.c_str();
  const std::string kind(ErrorKindName(error.kind));
  return nb::module_::import_("coreshed.errors")
      .attr("make")(kind.c_str(), nb::str(error.message.data(), error.message.size()), fields);
}

void TranslateFailures(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Failure& failure) {
      const nb::object exception = ExceptionOf(failure.error());
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
    }
  });
}

}  // namespace coreshed::python
