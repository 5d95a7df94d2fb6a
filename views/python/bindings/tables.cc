#include "python/bindings/tables.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/python/common.h>
#include <arrow/python/pyarrow.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <coreshed/sources.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "python/bindings/failure.h"

namespace coreshed::python {
namespace {

template <typename T>
T TakeArrow(arrow::Result<T> result) {
  if (!result.ok()) throw Failure(ErrorOf(result.status()));
  return std::move(result).ValueUnsafe();
}

/// The stream in the capsule that the Arrow PyCapsule protocol hands over; the stream is taken out.
std::shared_ptr<arrow::RecordBatchReader> ReaderOf(nb::handle stream) {
  const nb::object capsule = stream.attr("__arrow_c_stream__")();
  void* pointer = PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream");
  if (pointer == nullptr) throw nb::python_error();
  return TakeArrow(arrow::ImportRecordBatchReader(static_cast<ArrowArrayStream*>(pointer)));
}

/// Rows of a store, which has threads: in a process that was forked they are not there to be waited
/// for, so there it gives an error, and is left as it is.
class OfThisProcess final : public arrow::RecordBatchReader {
 public:
  explicit OfThisProcess(std::shared_ptr<arrow::RecordBatchReader> rows)
      : schema_(rows->schema()), rows_(std::move(rows)) {}
  ~OfThisProcess() override {
    if (is_elsewhere())
      new std::shared_ptr<arrow::RecordBatchReader>(std::move(rows_));  // never freed
  }
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (!is_elsewhere()) return rows_->ReadNext(batch);
    return arrow::Status::Invalid(
        "These rows were being read when this process was forked from another: read them anew "
        "here.");
  }
  arrow::Status Close() override { return is_elsewhere() ? arrow::Status::OK() : rows_->Close(); }

 private:
  bool is_elsewhere() const { return ::getpid() != process_; }

  const pid_t process_ = ::getpid();
  const std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatchReader> rows_;
};

nb::object Stolen(PyObject* object) {
  if (object == nullptr) throw nb::python_error();
  return nb::steal(object);
}

}  // namespace

void ImportPyArrow() {
  if (arrow::py::import_pyarrow() != 0) throw nb::python_error();
}

std::shared_ptr<arrow::Table> TableOf(nb::handle table) {
  return TakeArrow(arrow::py::unwrap_table(table.ptr()));
}

std::shared_ptr<arrow::Buffer> BytesOf(nb::handle bytes) {
  return TakeArrow(arrow::py::PyBuffer::FromPyObject(bytes.ptr()));
}

std::shared_ptr<arrow::Schema> SchemaOf(nb::handle schema) {
  return TakeArrow(arrow::py::unwrap_schema(schema.ptr()));
}

Data DataOf(const nb::dict& tables) {
  std::vector<TableInput> inputs;
  for (const auto& [name, table] : tables) {
    TableInput input;
    input.name = nb::cast<std::string>(name);
    if (arrow::py::is_table(table.ptr())) {
      input.table = TableOf(table);
      if (const auto whole = input.table->Validate(); !whole.ok()) {
        throw Failure(Error{ErrorKind::kValidation,
                            "The table is not what Arrow allows: " + whole.message() + "."});
      }
    } else {
      input.reader = ReaderOf(table);
    }
    inputs.push_back(std::move(input));
  }
  return Data(std::move(inputs));
}

bool IsSmall(const Data& data) {
  constexpr int64_t kSmallBytes = int64_t{4} << 20;
  int64_t bytes = 0;
  for (const auto& input : data.tables()) {
    if (input.table == nullptr) return false;
    bytes += arrow::util::TotalBufferSize(*input.table);
  }
  return bytes <= kSmallBytes;
}

nb::object ToPython(const std::shared_ptr<arrow::Table>& table) {
  return Stolen(arrow::py::wrap_table(table));
}

nb::object ToPython(const std::shared_ptr<arrow::Schema>& schema) {
  return Stolen(arrow::py::wrap_schema(schema));
}

nb::object ToPython(const std::shared_ptr<arrow::RecordBatchReader>& reader) {
  ArrowArrayStream stream;
  if (const auto status =
          arrow::ExportRecordBatchReader(std::make_shared<OfThisProcess>(reader), &stream);
      !status.ok())
    throw Failure(ErrorOf(status));
  return nb::module_::import_("pyarrow")
      .attr("RecordBatchReader")
      .attr("_import_from_c")(reinterpret_cast<uintptr_t>(&stream));
}

}  // namespace coreshed::python
