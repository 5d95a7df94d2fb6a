#pragma once

#include <arrow/compute/exec.h>
#include <arrow/compute/function_options.h>
#include <arrow/datum.h>
#include <coreshed/error.h>

#include <string>
#include <vector>

namespace coreshed::validate {

/// Call one of Arrow's compute functions. They are registered at the first call.
Result<arrow::Datum> CallKernel(const std::string& name, const std::vector<arrow::Datum>& arguments,
                                const arrow::compute::FunctionOptions* options = nullptr);

}  // namespace coreshed::validate
