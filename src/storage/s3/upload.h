#pragma once

#include <memory>
#include <string>

#include "storage/s3/client.h"
#include "storage/s3/in_flight.h"
#include "storage/storage.h"

namespace coreshed::storage::s3 {

/// A new object: one PUT where it is small, else in parts, which are sent while it is written.
/// `folder` begins its keys.
class S3Upload final : public Upload {
 public:
  S3Upload(std::shared_ptr<Client> client, std::shared_ptr<InFlight> in_flight, std::string folder,
           std::string wanted, std::string fallback);
  ~S3Upload() override;

  Result<void> Write(const void* data, int64_t size) override;
  Result<std::string> Finish() override;

 private:
  class Parts;
  Error Ended() const;

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<InFlight> in_flight_;
  const std::string folder_, wanted_, fallback_;
  std::string held_;
  std::shared_ptr<Parts> parts_;  ///< null: as yet it would fit one PUT
  bool is_finished_ = false;
};

}  // namespace coreshed::storage::s3
