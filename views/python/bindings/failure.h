#pragma once

#include <coreshed/error.h>
#include <nanobind/nanobind.h>

#include "take.h"

namespace coreshed::python {

namespace nb = nanobind;

using views::Failure;
using views::Take;

/// An exception object for an error; needs the interpreter's lock.
nb::object ExceptionOf(const Error& error);

/// Raise `error` here, with a Failure that it would hide as its context: whoever is stopped by
/// Ctrl-C can still find out what became of the call. Needs the interpreter's lock.
void AddContext(const nb::python_error& error, const Error& hidden);

/// Throws an exception that was caught; a Failure as the Python exception that it becomes, so that
/// nothing of Python runs for it later on.
[[noreturn]] void RethrowInPython(const std::exception_ptr& failure);

/// See to it that a Failure that leaves a function raises that exception.
void TranslateFailures(nb::module_& module);

}  // namespace coreshed::python
