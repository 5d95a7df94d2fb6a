#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "storage/s3/client.h"
#include "storage/s3/in_flight.h"
#include "storage/storage.h"

namespace coreshed::storage::s3 {

/// A stage of a record on S3: objects lie under the record's name from the beginning, harmless
/// until the swap. Uploads and markers are sent side by side.
class S3Stage final : public Stage {
 public:
  S3Stage(std::shared_ptr<Client> client, const std::string& segment);
  ~S3Stage() override;

  Result<std::unique_ptr<Upload>> NewObject(const std::string& wanted,
                                            const std::string& fallback) override;
  Result<void> PutMarker(const std::string& key) override;
  Result<void> Include(const std::string&) override { return {}; }  // what is put is durable
  Result<std::map<std::string, std::string>> Settle() override;
  Result<SwapOutcome> Swap(const std::string& expected_etag, std::string_view bytes,
                           bool base_is_first) override;

  void Withdraw(const std::string& name) override;
  bool IsSwept(const Error& error) const override;

 private:
  const std::shared_ptr<Client> client_;
  const std::string folder_;
  const std::shared_ptr<InFlight> in_flight_ = std::make_shared<InFlight>();
  std::mutex mutex_;  ///< guards the names
  /// Names of objects, relative to the folder, that nobody else knows; and those that no metadata
  /// will ever refer to.
  std::set<std::string> own_, withdrawn_;
  bool is_swapped_ = false;  ///< or may be: metadata that refer to the objects were sent
  bool is_failed_ = false;   ///< something that a commit would refer to may not be there
};

}  // namespace coreshed::storage::s3
