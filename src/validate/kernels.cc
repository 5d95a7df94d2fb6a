#include "validate/kernels.h"

#include <arrow/compute/initialize.h>

#include "base/arrow_error.h"

namespace coreshed::validate {

Result<arrow::Datum> CallKernel(const std::string& name, const std::vector<arrow::Datum>& arguments,
                                const arrow::compute::FunctionOptions* options) {
  static const arrow::Status kReady = arrow::compute::Initialize();
  CORESHED_ARROW_TRY(kReady, "checking values");
  CORESHED_ARROW_ASSIGN(auto result, arrow::compute::CallFunction(name, arguments, options),
                        "checking values");
  return result;
}

}  // namespace coreshed::validate
