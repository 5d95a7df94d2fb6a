#include "python/bindings/failure.h"

#include <string>

#include "python/bindings/long_call.h"
#include "python/bindings/text.h"

namespace coreshed::python {

nb::object ExceptionOf(const Error& error) {
  const Inside inside;
  nb::dict fields;
  for (const auto& [name, value] : error.fields)
    fields[Text(name)] = Text(value);
  const std::string kind(ErrorKindName(error.kind));
  return nb::module_::import_("coreshed.errors")
      .attr("make")(kind.c_str(), Text(error.message), fields);
}

void AddContext(const nb::python_error& error, const Error& hidden) {
  PyException_SetContext(error.value().ptr(), ExceptionOf(hidden).release().ptr());
}

namespace {

/// To make the exception runs code of Python's, where a signal that has come meanwhile is handled:
/// it is raised then, and the second try is not disturbed by it.
void Raise(const Error& error) {
  try {
    const nb::object exception = ExceptionOf(error);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  } catch (nb::python_error& interrupted) {
    try {
      AddContext(interrupted, error);
    } catch (const nb::python_error&) {
      // Interrupted again: the first one is raised without it.
    }
    interrupted.restore();
  }
}

}  // namespace

void RethrowInPython(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Failure& known) {
    Raise(known.error());
  }
  throw nb::python_error();
}

void TranslateFailures(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Failure& failure) {
      Raise(failure.error());
    }
  });
}

}  // namespace coreshed::python
