#include "storage/s3/lifecycle.h"

#include <gtest/gtest.h>

namespace coreshed::storage::s3 {
namespace {

std::string Rule(const std::string& inside) {
  return "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status>" + inside +
         "</Rule></LifecycleConfiguration>";
}

TEST(LifecycleTest, FindsRulesThatTakeObjectsAway) {
  const std::string days = "<Expiration><Days>30</Days></Expiration>";
  const std::string moved =
      "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass>"
      "</Transition>";
  for (const std::string& rule :
       {Rule(days), Rule("<Prefix/>" + days),
        Rule("<Filter><Prefix>shed/</Prefix></Filter>" + days),
        Rule("<Filter><Prefix>shed/records/</Prefix></Filter>" + days),
        Rule("<Filter><And><Prefix>sh</Prefix></And></Filter>" + moved),
        Rule("<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>")}) {
    EXPECT_EQ(HarmfulRules(rule, "shed/").size(), 1U) << rule;
  }
}

TEST(LifecycleTest, LetsOthersBe) {
  const std::string days = "<Expiration><Days>30</Days></Expiration>";
  for (const std::string& rule :
       {std::string(), std::string("<nothing/>"),
        Rule("<Filter><Prefix>logs/</Prefix></Filter>" + days),
        Rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
             "</AbortIncompleteMultipartUpload>"),
        Rule("<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays>"
             "</NoncurrentVersionExpiration>"),
        Rule(
            "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
        std::string("<LifecycleConfiguration><Rule><Status>Disabled</Status>" + days +
                    "</Rule></LifecycleConfiguration>")}) {
    EXPECT_TRUE(HarmfulRules(rule, "shed/").empty()) << rule;
  }
}

}  // namespace
}  // namespace coreshed::storage::s3
