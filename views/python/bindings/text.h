#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <vector>

namespace coreshed::python {

namespace nb = nanobind;

/// A text for a person, which may speak of files with any bytes in their names: what is no UTF-8
/// comes as \xff, as the command line shows it. Needs the interpreter's lock.
inline nb::object Text(std::string_view text) {
  PyObject* made =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace");
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

inline nb::object ListOfTexts(const std::vector<std::string>& texts) {
  nb::list list;
  for (const auto& text : texts)
    list.append(Text(text));
  return list;
}

}  // namespace coreshed::python
