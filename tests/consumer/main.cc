// What a stranger writes first: make a store, put a table in, approve it, read it back.

#include <arrow/api.h>
#include <coreshed/coreshed.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <utility>

namespace {

template <typename T>
T OrExit(coreshed::Result<T> result) {
  if (!result) {
    std::cerr << result.error().message << '\n';
    std::exit(EXIT_FAILURE);
  }
  return std::move(*result);
}

std::shared_ptr<arrow::Table> Assays() {
  arrow::DoubleBuilder depths;
  if (!depths.AppendValues({1.5, 2.5, 4.0}).ok()) std::exit(EXIT_FAILURE);
  return arrow::Table::Make(arrow::schema({arrow::field("depth_m", arrow::float64())}),
                            {depths.Finish().ValueOrDie()});
}

}  // namespace

int main() {
  const auto store = OrExit(coreshed::Store::Open("store", {.create = true}));

  coreshed::CreateOptions create;
  create.actor = "ana";
  const auto version = OrExit(store->CreateRecord("BH-7", Assays(), create));

  coreshed::ReviewOptions approve;
  approve.actor = "ben";
  approve.version = version.version;
  OrExit(store->ApproveRecord("BH-7", approve));

  const auto table = OrExit(store->ReadTable("BH-7@approved"));
  if (!table->Equals(*Assays())) {
    std::cerr << "read back:\n" << table->ToString() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
