#include "storage/s3/address.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage::s3 {
namespace {

/// Without what the environment says of AWS.
class AddressTest : public ::testing::Test {
 protected:
  AddressTest() {
    for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_REGION",
                             "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "AWS_PROFILE"}) {
      ::unsetenv(name);
    }
    ::setenv("AWS_CONFIG_FILE", (folder_.path() + "/config").c_str(), 1);
  }
  ~AddressTest() override { ::unsetenv("AWS_CONFIG_FILE"); }

  static Address Parse(const std::string& location, const S3Options& options = {}) {
    return Must(ParseAddress(location, options));
  }

  TempFolder folder_;
};

TEST_F(AddressTest, OfAws) {
  const Address address = Parse("s3://sheds/a/b/");
  EXPECT_EQ(address.bucket, "sheds");
  EXPECT_EQ(address.prefix, "a/b/");
  EXPECT_EQ(address.endpoint, "https://s3.us-east-1.amazonaws.com");
  EXPECT_FALSE(address.path_style);
  EXPECT_EQ(Parse("s3://sheds").prefix, "");
  EXPECT_TRUE(Parse("s3://my.sheds").path_style);  // a certificate covers one label
}

TEST_F(AddressTest, OptionsGoBeforeTheEnvironmentAndThatBeforeTheProfile) {
  std::ofstream(folder_.path() + "/config")
      << "[default]\nregion = eu-north-1\nendpoint_url = https://of-the-profile/\n"
      << "[profile other]\nregion=ap-south-1\n";
  EXPECT_EQ(Parse("s3://sheds").region, "eu-north-1");
  EXPECT_EQ(Parse("s3://sheds").endpoint, "https://of-the-profile");
  ::setenv("AWS_PROFILE", "other", 1);
  EXPECT_EQ(Parse("s3://sheds").region, "ap-south-1");
  ::setenv("AWS_REGION", "eu-west-1", 1);
  ::setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:7070", 1);
  EXPECT_EQ(Parse("s3://sheds").region, "eu-west-1");
  EXPECT_EQ(Parse("s3://sheds").endpoint, "http://127.0.0.1:7070");
  EXPECT_TRUE(Parse("s3://sheds").path_style);
  S3Options options;
  options.endpoint = "https://minio.example.org:9000/";
  options.region = "here";
  options.path_style = false;
  const Address address = Parse("s3://sheds", options);
  EXPECT_EQ(address.endpoint, "https://minio.example.org:9000");
  EXPECT_EQ(address.region, "here");
  EXPECT_FALSE(address.path_style);
}

TEST_F(AddressTest, RefusesWhatIsNone) {
  for (const std::string location :
       {"s3://", "s3:///x", "s3://A/x", "s3://ab", "s3://a_b_c", "s3://sheds/a//b",
        "s3://sheds/../x", "s3://sheds/./x", "file:///x"}) {
    EXPECT_EQ(MustFail(ParseAddress(location, {})).kind, ErrorKind::kInvalidArgument) << location;
  }
  S3Options options;
  options.endpoint = "minio.example.org";
  EXPECT_EQ(MustFail(ParseAddress("s3://sheds", options)).kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace coreshed::storage::s3
