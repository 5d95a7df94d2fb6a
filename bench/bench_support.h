#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// What every work needs: options, clocks, the run's data, the answer's line of JSON.
namespace bench {

using Table = std::shared_ptr<arrow::Table>;

struct Options {
  std::string work, folder, data;
  std::map<std::string, std::string> named;
  int64_t Number(const std::string& name) const;
};
Options ParseOptions(int argc, char** argv);

struct Answer {
  std::map<std::string, double> number;
  std::map<std::string, std::vector<double>> list;
};
void Print(const std::string& work, const Answer& answer);

inline void Require(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error(what);
}

template <typename T>
T Value(coreshed::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

double Now();  ///< seconds, monotonic

template <typename Work>
double Timed(Work work) {
  const double begin = Now();
  work();
  return Now() - begin;
}

Table LoadIpc(const std::string& path);  ///< into memory

/// Makes `version(v)`: small.arrow with v in the first row of `revision`.
class SmallTable {
 public:
  explicit SmallTable(const std::string& data);
  Table Version(int64_t version) const;

 private:
  Table base_;
};
int64_t MarkOf(const arrow::Table& table);

}  // namespace bench
